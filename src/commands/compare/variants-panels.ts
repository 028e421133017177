import type { JudgedExchange } from "../../../otel/lifetimes/judge-trace.ts"
import type { Panel } from "../../../otel/timeline/layout.ts"
import { layoutOf } from "../../../otel/timeline/layout.ts"
import type { ComparedVariant } from "../../comparison/comparison.ts"

/** The drawing of each variant. */
export const variantsPanels = (compared: ReadonlyArray<ComparedVariant>): ReadonlyArray<Panel> =>
  compared.flatMap((one) =>
    one.diagnosis.exchanges.slice(0, 1).map((judged) => panelOf(one, judged)),
  )

const panelOf = (
  { variant, eventsReceived, eventsPublished }: ComparedVariant,
  { exchange, matches }: JudgedExchange,
): Panel => ({
  title: variant,
  note: `${eventsReceived} of ${eventsPublished} events received`,
  layout: layoutOf(exchange, matches),
})
