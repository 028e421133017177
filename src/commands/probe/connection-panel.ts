import { withoutSecrets } from "../../../otel/export/address.ts"
import type { Layout, Panel } from "../../../otel/timeline/layout.ts"
import { printable } from "../../../otel/timeline/printable.ts"
import { clientEnds } from "../../../otel/timeline/row-facts.ts"
import type { Connection } from "../../probe/visit.ts"

/** What a client saw of a connection whose server sent no spans. Times count from its request. */
export const connectionPanel = (url: string, connection: Connection): Panel => ({
  title: `client ${withoutSecrets(url)}`,
  note: "as seen from outside",
  layout: layoutOf(connection),
})

const layoutOf = ({ seen, spanId, operation }: Connection): Layout => ({
  origin: 0,
  rows: [
    {
      spanId,
      kind: "client",
      depth: 0,
      label: printable(operation, 200),
      interval: { start: 0, end: seen.streamMs },
      marks:
        seen.firstEventMs === undefined ? [] : [{ kind: "first-event", at: seen.firstEventMs }],
      facts: endOf(seen),
      outcome: endOf(seen).join(", "),
      details: seen.status === undefined ? [] : [["status", String(seen.status)]],
    },
  ],
  ties: [],
  findings: [],
  end: seen.streamMs ?? seen.firstEventMs ?? 0,
  open: seen.streamMs === undefined,
  omitted: 0,
})

const endOf = ({ endedBy }: Connection["seen"]): ReadonlyArray<string> =>
  endedBy === undefined ? [] : [clientEnds[endedBy]]
