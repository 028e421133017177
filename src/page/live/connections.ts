import { VARIANT } from "../../../otel/attributes.ts"
import { diagnose } from "../../../otel/lifetimes/diagnose.ts"
import { type Finding, groupFindings } from "../../../otel/lifetimes/finding.ts"
import { exchangesOf } from "../../../otel/lifetimes/from-spans.ts"
import type { JudgedExchange } from "../../../otel/lifetimes/judge-trace.ts"
import type { Span } from "../../../otel/lifetimes/span.ts"
import { traceOf } from "../../../otel/lifetimes/trace.ts"

/** The two servers that the page shows, in its order. */
export const sides = ["broken", "fixed"] as const

export type Side = (typeof sides)[number]

/** What is known of the connections to one server, the latest first. */
export interface Connections {
  readonly side: Side
  readonly latest: JudgedExchange | undefined
  readonly earlier: ReadonlyArray<JudgedExchange>
  /** About all of these. */
  readonly findings: ReadonlyArray<Finding>
}

const route = "GET /event"

/** The server that a trace tells a connection of; `undefined` where it tells of none. */
export const sideOf = (spans: ReadonlyArray<Span>): Side | undefined => {
  const side = sides.find((it) => spans.some(({ resource }) => resource[VARIANT] === it))
  if (side === undefined) return undefined
  return exchangesOf(traceOf(spans)).some((exchange) => exchange.route === route) ? side : undefined
}

/** Judges the traces of one server: of what is still arriving nothing is said yet. */
export const connectionsOf = (side: Side, spans: Iterable<Span>): Connections => {
  const { exchanges } = diagnose(spans, { arriving: true })
  const all = exchanges
    .filter(({ exchange }) => exchange.route === route)
    .sort((a, b) => b.exchange.startedAt - a.exchange.startedAt)
  const [latest, ...earlier] = all
  // The latest first: its sentence is the one that its drawing has, too.
  return { side, latest, earlier, findings: groupFindings(all.flatMap(({ matches }) => matches)) }
}
