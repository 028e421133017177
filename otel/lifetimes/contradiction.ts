import type { Exchange } from "./model.ts"
import type { Micros } from "./time.ts"

/** Times of one exchange come from one clock, but we do not take all of them at the same instant. 1 ms. */
const tolerance: Micros = 1_000

/**
 * Whether the times of an exchange contradict each other: something ended before it began, or happened before
 * or after all the rest. No program can do that, so something is wrong with the recording.
 */
export const contradictsItself = (exchange: Exchange): boolean => {
  const { startedAt, endedAt, scopes, subscriptions, queues, streams, orphans, finalizers } =
    exchange
  const moments = [
    exchange.handlerReturnedAt,
    exchange.headSentAt,
    exchange.clientLeftAt,
    exchange.leaveSeenAt,
  ]
  const lifetimes = [scopes, subscriptions, queues, streams, orphans, finalizers].flat()
  return (
    isOutOfOrder(startedAt, endedAt) ||
    moments.some((moment) => isOutside(exchange, moment)) ||
    lifetimes.some((one) => isOutOfOrder(one.startedAt, one.endedAt)) ||
    scopes.some((scope) => isOutside(scope, scope.closedAt)) ||
    streams.some((stream) => isOutside(stream, stream.firstEventAt))
  )
}

const isOutOfOrder = (before: Micros, after: Micros | undefined): boolean =>
  after !== undefined && after < before - tolerance

const isOutside = (
  { startedAt, endedAt }: { readonly startedAt: Micros; readonly endedAt: Micros | undefined },
  moment: Micros | undefined,
): boolean =>
  moment !== undefined &&
  (isOutOfOrder(startedAt, moment) || (endedAt !== undefined && isOutOfOrder(moment, endedAt)))
