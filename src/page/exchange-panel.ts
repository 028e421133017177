import type { JudgedExchange } from "../../otel/lifetimes/judge-trace.ts"
import type { Panel } from "../../otel/timeline/layout.ts"
import { layoutOf } from "../../otel/timeline/layout.ts"

/** The drawing of an exchange with what was found about it. */
export const exchangePanel = ({ exchange, matches }: JudgedExchange): Panel => ({
  title: exchange.route,
  note: `trace ${exchange.span.traceId}`,
  layout: layoutOf(exchange, matches),
})

/** At most so many drawings, preferably of exchanges with a finding, in order of time. */
export const foremostPanels = (
  exchanges: ReadonlyArray<JudgedExchange>,
  most: number,
): ReadonlyArray<Panel> => {
  const panels = exchanges
    .toSorted((a, b) => Number(b.matches.length > 0) - Number(a.matches.length > 0))
    .slice(0, most)
    .toSorted((a, b) => a.exchange.startedAt - b.exchange.startedAt)
    .map(exchangePanel)
  return panels.length === 1 ? panels : panels.map(numbered)
}

const ordinals = ["first", "second", "third"]

const numbered = (panel: Panel, index: number): Panel => {
  const ordinal = ordinals[index] ?? `number ${index + 1}`
  return { ...panel, note: `${ordinal} · ${panel.note}` }
}
