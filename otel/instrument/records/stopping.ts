import type { ExchangeRecord } from "./record.ts"

/**
 * Whether a scope of the program that owns one of the exchange's has begun to close since the exchange
 * began: whatever ends in it from then on ends because the program, or that part of it, stops.
 */
export const isStopping = (exchange: ExchangeRecord | undefined): boolean =>
  exchange?.scopes.some(
    ({ ownedBy }) =>
      ownedBy !== undefined &&
      ownedBy.exchange === undefined &&
      ownedBy.closedAt !== undefined &&
      ownedBy.closedAt >= exchange.startedAt,
  ) === true
