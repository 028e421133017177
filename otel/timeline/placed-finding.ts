import type { Confidence, Match, Severity } from "../lifetimes/finding.ts"
import type { Exchange, StreamRun } from "../lifetimes/model.ts"
import { streamOf } from "../lifetimes/relations.ts"
import { type Micros, millisBetween } from "../lifetimes/time.ts"
import { printable } from "./printable.ts"
import type { Interval, Row } from "./row.ts"

/** A finding, at the row and the moment at which it shows. Its texts are printable as they are. */
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

/** The index of the row of each span. */
type RowOfSpan = ReadonlyMap<string, number>

/** `rows` are those of the exchange that the match is about; `lastMoment` is in milliseconds. */
export const placeFinding = (
  exchange: Exchange,
  rows: ReadonlyArray<Row>,
  rowOfSpan: RowOfSpan,
  match: Match,
  origin: Micros,
  lastMoment: number,
): PlacedFinding => {
  const row = rowOf(rowOfSpan, match)
  const { rule, severity, confidence } = match
  return {
    row,
    at: momentOf(exchange, rows[row], ownerOf(rows, rowOfSpan, match), origin) ?? lastMoment,
    rule: printable(rule, 100),
    severity,
    confidence,
    sentence: printable(match.message),
  }
}

/** The run of the stream that the match is about, else the owner, else the exchange. */
const rowOf = (rowOfSpan: RowOfSpan, match: Match): number => {
  for (const id of [match.stream, ...match.spanIds, match.exchange.spanId]) {
    const row = id === undefined ? undefined : rowOfSpan.get(id)
    if (row !== undefined) return row
  }
  return 0
}

/** The end of the row; for a row that is still open, the end of what it should not have outlived. */
const momentOf = (
  exchange: Exchange,
  row: Row | undefined,
  owner: Row | undefined,
  origin: Micros,
): number | undefined => {
  if (row === undefined) return undefined
  const stream = row.kind === "stream" ? streamOf(exchange, row.spanId) : undefined
  if (stream !== undefined && owner !== undefined) {
    const late = lateStart(stream, owner.interval, origin)
    if (late !== undefined) return late
  }
  if (row.interval.end !== undefined) return row.interval.end
  const end = exchange.endedAt ?? exchange.client?.endedAt
  return end === undefined ? undefined : millisBetween(origin, end)
}

const ownerOf = (
  rows: ReadonlyArray<Row>,
  rowOfSpan: RowOfSpan,
  { spanIds: [owner] }: Match,
): Row | undefined => (owner === undefined ? undefined : rows[rowOfSpan.get(owner) ?? -1])

/** When the owner began, if that was after the first event of the run that it was for. */
const lateStart = (stream: StreamRun, owner: Interval, origin: Micros): number | undefined => {
  if (stream.firstEventAt === undefined) return undefined
  return owner.start > millisBetween(origin, stream.firstEventAt) ? owner.start : undefined
}
