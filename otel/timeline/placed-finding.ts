import type { Confidence, Match, Severity } from "../lifetimes/finding.ts"
import type { Consumer, Exchange } from "../lifetimes/model.ts"
import { type Micros, millisBetween } from "../lifetimes/time.ts"
import { printable } from "./printable.ts"
import type { Interval, Row } from "./row.ts"

/** A rule that held, at the row and the moment where it shows. Its texts are printable as they are. */
export interface PlacedFinding {
  /** Index of the row in the layout. */
  readonly row: number
  /** Milliseconds since the layout's origin. */
  readonly at: number
  readonly rule: string
  readonly severity: Severity
  readonly confidence: Confidence
  readonly sentence: string
}

const longestSentence = 1000

/** `rows` are those of the exchange that the match is about; `lastMoment` is in milliseconds. */
export const placeFinding = (
  exchange: Exchange,
  rows: ReadonlyArray<Row>,
  match: Match,
  origin: Micros,
  lastMoment: number,
): PlacedFinding => {
  const row = rowOf(rows, match)
  const { rule, severity, confidence } = match
  return {
    row,
    at: momentOf(exchange, rows, row, match, origin) ?? lastMoment,
    rule: printable(rule, 100),
    severity,
    confidence,
    sentence: printable(match.message, longestSentence),
  }
}

/** The run of the stream that the match is about, else the owner, else the exchange. */
const rowOf = (rows: ReadonlyArray<Row>, match: Match): number => {
  for (const id of [match.consumer, ...match.spanIds, match.exchange.spanId]) {
    const row = rows.findIndex((it) => it.spanId === id)
    if (id !== undefined && row >= 0) return row
  }
  return Math.max(
    0,
    rows.findIndex((it) => it.kind === "exchange"),
  )
}

/** The end of the row; for a row that is still open, the end of what it should not have outlived. */
const momentOf = (
  exchange: Exchange,
  rows: ReadonlyArray<Row>,
  index: number,
  match: Match,
  origin: Micros,
): number | undefined => {
  const row = rows[index]
  if (row === undefined) return undefined
  const consumer = exchange.consumers.find((it) => it.span.spanId === row.spanId)
  const owner = rows.find((it) => it.spanId === match.spanIds[0])
  if (consumer !== undefined && owner !== undefined) {
    const late = lateStart(consumer, owner.interval, origin)
    if (late !== undefined) return late
  }
  if (row.interval.end !== undefined) return row.interval.end
  const end = exchange.endedAt ?? exchange.client?.endedAt
  return end === undefined ? undefined : millisBetween(origin, end)
}

/** When the owner began, where that came after the first event of the run that it was for. */
const lateStart = (consumer: Consumer, owner: Interval, origin: Micros): number | undefined => {
  if (consumer.firstEventAt === undefined) return undefined
  return owner.start > millisBetween(origin, consumer.firstEventAt) ? owner.start : undefined
}
