import type { Consumer, Exchange } from "../lifetimes/model.ts"
import { type Micros, millisBetween } from "../lifetimes/time.ts"
import type { Row, RowKind } from "./row.ts"

/**
 * What one closing scope released, and who was still to read it. Rows are named by their index in
 * the layout; `at` is the moment of the release, in milliseconds since the layout's origin.
 */
export interface Tie {
  readonly at: number
  /** `undefined` where the scope that closed is none of this exchange. */
  readonly scope: number | undefined
  readonly resource: number
  readonly readers: ReadonlyArray<Reader>
}

export interface Reader {
  readonly row: number
  /** True where the release ended the run, or came before a run that began later. */
  readonly cutOff: boolean
}

export const tiesOf = (
  exchange: Exchange,
  rows: ReadonlyArray<Row>,
  origin: Micros,
): ReadonlyArray<Tie> => {
  const rowOf = finder(rows)
  const readers = readersByResource(exchange)
  return exchange.resources.flatMap((resource) => {
    const { endedAt, releasedBy, span } = resource
    const row = rowOf("resource", span.spanId)
    if (row === undefined || endedAt === undefined) return []
    const scope = releasedBy === undefined ? undefined : rowOf("scope", releasedBy)
    const tied = [...(readers.get(span.spanId) ?? [])].flatMap(
      (consumer): ReadonlyArray<Reader> => {
        const reader = rowOf("consumer", consumer.span.spanId)
        if (reader === undefined) return []
        return [{ row: reader, cutOff: isCutOff(consumer, span.spanId, endedAt) }]
      },
    )
    if (scope === undefined && tied.length === 0) return []
    return [{ at: millisBetween(origin, endedAt), scope, resource: row, readers: tied }]
  })
}

/** Gives the index of the row of a span. */
const finder = (rows: ReadonlyArray<Row>) => {
  const key = (kind: RowKind, spanId: string) => `${kind} ${spanId}`
  const indexes = new Map(rows.map(({ kind, spanId }, index) => [key(kind, spanId), index]))
  return (kind: RowKind, spanId: string): number | undefined => indexes.get(key(kind, spanId))
}

/** By the span id of what they read. */
const readersByResource = ({ consumers }: Exchange): ReadonlyMap<string, Set<Consumer>> => {
  const readers = new Map<string, Set<Consumer>>()
  for (const consumer of consumers) {
    const { reads, endedByResource } = consumer
    for (const id of endedByResource === undefined ? reads : [...reads, endedByResource]) {
      readers.set(id, (readers.get(id) ?? new Set()).add(consumer))
    }
  }
  return readers
}

/** By the recorded cause; where none was recorded, by the times. */
const isCutOff = (consumer: Consumer, resource: string, releasedAt: Micros): boolean => {
  if (consumer.endedByResource !== undefined) return consumer.endedByResource === resource
  const causeIsOther = consumer.endedBy !== undefined && consumer.endedBy !== "released"
  return !causeIsOther && (consumer.endedAt === undefined || consumer.endedAt > releasedAt)
}
