/**
 * Work that goes on after the handler that began it, and ends well by itself, serves all who read what it made: they
 * end with it. A fiber that only hands something out takes it away again when it ends. What its readers were given
 * after the handler had returned tells the two apart.
 */
import type { ExchangeRecord, ScopeRecord, SubscriptionRecord } from "./record.ts"

/** Whether a fiber of the program closed its own scope with success, after the handler had returned. */
export const endedWell = ({ exchange, kept, exit, closedAt = 0 }: ScopeRecord): boolean =>
  exchange !== undefined &&
  kept &&
  exit === "success" &&
  closedAt > (exchange.handlerReturnedAt ?? exchange.endedAt ?? closedAt)

/** Whether it was given messages that were published after the handler of the exchange had returned. */
export const wasServedLate = (
  exchange: ExchangeRecord | undefined,
  { pubsub, startedAt, delivered, replayed }: SubscriptionRecord,
): boolean => {
  const returnedAt = exchange?.handlerReturnedAt ?? exchange?.endedAt
  if (returnedAt === undefined) return false
  return delivered - replayed > pubsub.recent.between(startedAt, returnedAt)
}
