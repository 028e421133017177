import { unwritten } from "./entry.ts"
import { endOf } from "./interval.ts"
import { type LifetimeOf, spanTable } from "./table.ts"

export const handlerSpan = spanTable()(
  "handler span",
  "What another tracer recorded of the handler, right below the server span.",
  {
    kind: unwritten(() => "handler" as const),
    name: unwritten(({ name }) => name),
    endedAt: unwritten(endOf),
    /** False if its span says that it failed. */
    succeeded: unwritten(({ status }) => status.code !== "error"),
  },
)

/** What another tracer recorded of the handler of an exchange. */
export interface Handler extends LifetimeOf<typeof handlerSpan> {}
