import type { Consumer, Exchange, Resource } from "../lifetimes/model.ts"
import { type Micros, millisBetween } from "../lifetimes/time.ts"
import type { Row } from "./row.ts"

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
): ReadonlyArray<Tie> =>
  exchange.resources.flatMap((resource) => {
    const row = indexOf(rows, "resource", resource.span.spanId)
    if (row === undefined || resource.endedAt === undefined) return []
    const scope = indexOf(rows, "scope", resource.releasedBy)
    const readers = readersOf(exchange, rows, resource, resource.endedAt)
    if (scope === undefined && readers.length === 0) return []
    return [{ at: millisBetween(origin, resource.endedAt), scope, resource: row, readers }]
  })

const indexOf = (
  rows: ReadonlyArray<Row>,
  kind: Row["kind"],
  spanId: string | undefined,
): number | undefined => {
  const index = rows.findIndex((row) => row.kind === kind && row.spanId === spanId)
  return index < 0 ? undefined : index
}

const readersOf = (
  exchange: Exchange,
  rows: ReadonlyArray<Row>,
  resource: Resource,
  releasedAt: Micros,
): ReadonlyArray<Reader> =>
  exchange.consumers.flatMap((consumer) => {
    const { spanId } = resource.span
    const row = indexOf(rows, "consumer", consumer.span.spanId)
    const reads = consumer.reads.includes(spanId) || consumer.endedByResource === spanId
    if (row === undefined || !reads) return []
    return [{ row, cutOff: isCutOff(consumer, spanId, releasedAt) }]
  })

/** By the recorded cause; where none was recorded, by the times. */
const isCutOff = (consumer: Consumer, resource: string, releasedAt: Micros): boolean => {
  if (consumer.endedByResource !== undefined) return consumer.endedByResource === resource
  const causeIsOther = consumer.endedBy !== undefined && consumer.endedBy !== "released"
  return !causeIsOther && (consumer.endedAt === undefined || consumer.endedAt > releasedAt)
}
