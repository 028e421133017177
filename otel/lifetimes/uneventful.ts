/**
 * Most exchanges are over at once, together with all their lifetimes. A look at a few facts shows that, while
 * the rules together take ten times as long.
 */
import type { Exchange, StreamRun, Subscription } from "./model.ts"
import type { Micros } from "./time.ts"

/** Whether no rule has anything to say about it, now or later. It may answer false although that is true. */
export const isUneventful = (exchange: Exchange, grace: Micros): boolean => {
  const { endedAt, endedBy, scopes, streams, subscriptions } = exchange
  if (endedAt === undefined || hasNews(exchange)) return false
  if (endedBy === "server") return isAnswer(exchange)
  if (endedBy !== "client" || wasLate(exchange, endedAt, grace)) return false
  for (const { closedAt } of scopes) if (closedAt === undefined) return false
  for (const stream of streams) if (!wasLeft(stream)) return false
  for (const subscription of subscriptions) {
    if (!wasReleased(subscription, endedAt + grace)) return false
    for (const stream of streams) if (!wasInTime(subscription, stream)) return false
  }
  return true
}

/** Something that is rare in itself. */
const hasNews = (exchange: Exchange): boolean =>
  exchange.failed === true ||
  exchange.failure !== undefined ||
  exchange.cutOff !== undefined ||
  exchange.defaultRead !== undefined ||
  exchange.stopBeganAt !== undefined ||
  exchange.client !== undefined ||
  exchange.orphans.length > 0 ||
  exchange.finalizers.length > 0 ||
  exchange.queues.length > 0

/** An ordinary answer, for which nothing visible was acquired. */
const isAnswer = ({ scopes, streams, subscriptions, clientLeftAt, leaveSeenAt }: Exchange) =>
  streams.length === 0 &&
  subscriptions.length === 0 &&
  clientLeftAt === undefined &&
  leaveSeenAt === undefined &&
  scopes.every(({ closedAt }) => closedAt !== undefined)

/**
 * More than the grace period passed until the server saw that its client had left, or from then until
 * everything was over.
 */
const wasLate = (
  { clientLeftAt, leaveSeenAt }: Exchange,
  endedAt: Micros,
  grace: Micros,
): boolean => {
  const seenAt = leaveSeenAt ?? endedAt
  return endedAt - seenAt > grace || seenAt - (clientLeftAt ?? seenAt) > grace
}

const wasLeft = ({ endedAt, endedBy, endedBySubscription, refused }: StreamRun): boolean =>
  endedAt !== undefined &&
  endedBy === "client" &&
  endedBySubscription === undefined &&
  refused === undefined

const wasReleased = (subscription: Subscription, due: Micros): boolean =>
  subscription.endedAt !== undefined &&
  subscription.endedAt <= due &&
  subscription.missed === 0 &&
  subscription.fullFor === 0 &&
  subscription.sourceEnd === undefined &&
  subscription.publishedElsewhere === undefined &&
  subscription.feederFailed === undefined &&
  subscription.readerFailed === undefined &&
  subscription.unreadPublishAt === undefined &&
  subscription.untracedReadAt === undefined

/** It was there before the stream sent anything. */
const wasInTime = ({ startedAt }: Subscription, { firstEventAt }: StreamRun): boolean =>
  firstEventAt === undefined || startedAt <= firstEventAt
