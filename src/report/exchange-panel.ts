import type { Judged } from "../../otel/lifetimes/diagnose.ts"
import { layoutOf } from "../../otel/timeline/layout.ts"
import type { Panel } from "../../otel/timeline/text.ts"

/** The drawing of an exchange with what was found about it. */
export const exchangePanel = ({ exchange, matches }: Judged): Panel => ({
  title: exchange.route,
  note: `trace ${exchange.span.traceId}`,
  layout: layoutOf(exchange, matches),
})

/** At most so many drawings, of the exchanges about which something was found first. */
export const foremostPanels = (
  exchanges: ReadonlyArray<Judged>,
  most: number,
): ReadonlyArray<Panel> =>
  exchanges
    .toSorted((a, b) => Number(b.matches.length > 0) - Number(a.matches.length > 0))
    .slice(0, most)
    .map(exchangePanel)
