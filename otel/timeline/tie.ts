import type { Exchange, StreamRun } from "../lifetimes/model.ts"
import type { LifetimeKind } from "../lifetimes/terms.ts"
import { type Micros, millisBetween } from "../lifetimes/time.ts"
import type { Row } from "./row.ts"

/**
 * What one closing scope released, and who still had to read it. Rows are named by their index in the layout;
 * `at` is the moment of the release, in milliseconds since the layout's origin.
 */
export interface Tie {
  readonly at: number
  /** `undefined` if the scope that closed is not in this exchange. */
  readonly scope: number | undefined
  readonly subscription: number
  readonly readers: ReadonlyArray<Reader>
}

interface Reader {
  readonly row: number
  /** True if the release ended the run, or came before a run that began later. */
  readonly cutOff: boolean
}

export const tiesOf = (
  exchange: Exchange,
  rows: ReadonlyArray<Row>,
  origin: Micros,
): ReadonlyArray<Tie> => {
  const rowOf = finder(rows)
  const readers = readersBySubscription(exchange)
  return exchange.subscriptions.flatMap((subscription) => {
    const { endedAt, releasedBy, span } = subscription
    const row = rowOf("subscription", span.spanId)
    if (row === undefined || endedAt === undefined) return []
    const scope = releasedBy === undefined ? undefined : rowOf("scope", releasedBy)
    const tied = [...(readers.get(span.spanId) ?? [])].flatMap((stream): ReadonlyArray<Reader> => {
      const reader = rowOf("stream", stream.span.spanId)
      if (reader === undefined) return []
      return [{ row: reader, cutOff: isCutOff(stream, span.spanId, endedAt) }]
    })
    if (scope === undefined && tied.length === 0) return []
    return [{ at: millisBetween(origin, endedAt), scope, subscription: row, readers: tied }]
  })
}

/** Returns the index of a span's row. */
const finder = (rows: ReadonlyArray<Row>) => {
  const key = (kind: LifetimeKind, spanId: string) => `${kind} ${spanId}`
  const indexes = new Map(rows.map(({ kind, spanId }, index) => [key(kind, spanId), index]))
  return (kind: LifetimeKind, spanId: string): number | undefined => indexes.get(key(kind, spanId))
}

/** By the span id of what they read. */
const readersBySubscription = ({ streams }: Exchange): ReadonlyMap<string, Set<StreamRun>> => {
  const readers = new Map<string, Set<StreamRun>>()
  for (const stream of streams) {
    const { reads, endedBySubscription } = stream
    for (const id of endedBySubscription === undefined ? reads : [...reads, endedBySubscription]) {
      readers.set(id, (readers.get(id) ?? new Set()).add(stream))
    }
  }
  return readers
}

/** By the recorded cause; without one, by the times. */
const isCutOff = (stream: StreamRun, subscription: string, releasedAt: Micros): boolean => {
  if (stream.endedBySubscription !== undefined) return stream.endedBySubscription === subscription
  const causeIsOther = stream.endedBy !== undefined && stream.endedBy !== "released"
  return !causeIsOther && (stream.endedAt === undefined || stream.endedAt > releasedAt)
}
