import type { Match } from "../lifetimes/finding.ts"
import type { Exchange } from "../lifetimes/model.ts"
import { type Micros, millisBetween } from "../lifetimes/time.ts"
import { nestingOf } from "./nesting.ts"
import { type PlacedFinding, placeFinding } from "./placed-finding.ts"
import { type Row, rowMaker } from "./row.ts"
import { type Tie, tiesOf } from "./tie.ts"

/**
 * One exchange as rows on a time axis, ready to be drawn as text, SVG or HTML. Times are
 * milliseconds since `origin`.
 */
export interface Layout {
  /**
   * When the exchange began, as in the sentences of findings. A client begins before it, with a negative time:
   * a slow connection must not push what happens in it off the scale.
   */
  readonly origin: Micros
  /** From outside in: client, exchange, its handler where another tracer recorded it, scopes with what lives in them, queues, streams, fibers that nothing owns, finalizers that it left elsewhere. */
  readonly rows: ReadonlyArray<Row>
  readonly ties: ReadonlyArray<Tie>
  readonly findings: ReadonlyArray<PlacedFinding>
  /** The last moment that is known of any row. */
  readonly end: number
  /** True where a lifetime is still open: it goes on after `end`. */
  readonly open: boolean
  /** How many rows were left out: see `condensed`. */
  readonly omitted: number
}

/**
 * `matches` may be about other exchanges too: those are left out. An open lifetime lasts at least until `now`,
 * if that is known.
 */
export const layoutOf = (exchange: Exchange, matches: Iterable<Match>, now?: Micros): Layout => {
  const origin = exchange.startedAt
  const rows = rowsOf(exchange, origin)
  const open = rows.some((row) => row.interval.end === undefined)
  const present = open && now !== undefined ? millisBetween(origin, now) : 0
  const end = Math.max(lastMoment(rows), present)
  const rowOfSpan = new Map(rows.map(({ spanId }, index) => [spanId, index]))
  const findings = [...matches]
    .filter((match) => isAbout(exchange, match))
    .map((match) => placeFinding(exchange, rows, rowOfSpan, match, origin, end))
  return {
    origin,
    rows,
    ties: tiesOf(exchange, rows, origin),
    findings,
    end,
    open,
    omitted: 0,
  }
}

const rowsOf = (exchange: Exchange, origin: Micros): ReadonlyArray<Row> => {
  const make = rowMaker(exchange, origin)
  return [
    ...(exchange.client === undefined ? [] : [make.client(exchange.client)]),
    make.exchange(),
    ...(exchange.handler === undefined ? [] : [make.handler(exchange.handler)]),
    ...nestingOf(exchange).map(({ lifetime, depth }) =>
      lifetime.kind === "scope" ? make.scope(lifetime, depth) : make.subscription(lifetime, depth),
    ),
    ...exchange.queues
      .toSorted((a, b) => a.startedAt - b.startedAt)
      .map((queue) => make.queue(queue, 1)),
    ...exchange.streams
      .toSorted((a, b) => a.startedAt - b.startedAt)
      .map((stream) => make.stream(stream, 1)),
    ...exchange.orphans
      .toSorted((a, b) => a.startedAt - b.startedAt)
      .map((fiber) => make.orphan(fiber, 1)),
    ...exchange.finalizers
      .toSorted((a, b) => a.startedAt - b.startedAt)
      .map((finalizer) => make.finalizer(finalizer, 1)),
  ]
}

const lastMoment = (rows: ReadonlyArray<Row>): number => {
  let last = 0
  for (const { interval, marks } of rows) {
    last = Math.max(last, interval.start, interval.end ?? 0, ...marks.map(({ at }) => at))
  }
  return last
}

const isAbout = (exchange: Exchange, { exchange: { traceId, spanId } }: Match): boolean =>
  traceId === exchange.span.traceId && spanId === exchange.span.spanId

/** A layout with a heading, and a note that is set beside it. */
export interface Panel {
  readonly title: string
  readonly layout: Layout
  readonly note?: string
}
