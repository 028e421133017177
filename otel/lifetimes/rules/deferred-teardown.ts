import { spanName } from "../../attributes.ts"
import { codeEvidence } from "../code-evidence.ts"
import { type Exchange, isOwnedByProgram, type StreamRun, type Subscription } from "../model.ts"
import {
  type Moment,
  NotYet,
  notYetUnless,
  ofEach,
  type Rule,
  type RuleHit,
  type Verdict,
} from "../rule.ts"
import { releasedSubscription } from "../shown-by.ts"
import { stalledSince } from "../stalled-since.ts"
import { placedSubscription, resourceText } from "../subscription-text.ts"
import { formatMillis, type Micros, millisBetween, timesSince } from "../time.ts"

/**
 * If something is released this soon after a publish, the publish released it: a fiber that wakes up for a
 * message and finds its client gone cleans up within the same turn of the event loop. 100 ms.
 */
const rightAfter: Micros = 100_000

/** Until when a message that was published then releases a subscription for which it came too late. */
export const dueAfterPublish = (
  publishedAt: Micros,
  subscription: Pick<Subscription, "stalled">,
): Micros => publishedAt + rightAfter + stalledSince(publishedAt, subscription)

export const deferredTeardown: Rule<"deferred-teardown"> = {
  name: "deferred-teardown",
  severity: "warning",
  symptom:
    "A client leaves, and what was acquired for it stays until somebody publishes again, or until slow work ends.",
  summary: "A resource is released long after the disconnect, or only when the next event arrives.",
  meaning: `The client left and the exchange ended, but a subscription of its body stayed for longer than the grace
period, until somebody published a message that reached it. Within 100 ms of that message it was released. On a quiet topic it stays for ever, and every
client adds one. Before a message is published, this rule cannot tell. If a recording ends without one,
\`subscription-leak\` reports it as \`likely\`.

The rule also applies if the exchange was told that its client had left, and its body took longer than the grace
period to end. It probably waits for work that nobody stops. That is \`likely\`: cleaning up may be slow for a good
reason. Finalizers of the request's scope run later and may take their time.`,
  suggestion: `Let a scope own what the stream listens to: then it closes without another event. An async
generator that waits in next() cannot be told to stop.

  // not Stream.fromAsyncIterable(generator)
  Stream.callback((queue) =>
    Effect.acquireRelease(listen(queue), unlisten)
  )

Interrupt work that goes on, and do not wait for it in a finalizer:

  // not Stream.ensuring(Fiber.await(worker))
  Stream.ensuring(Fiber.interrupt(worker))`,
  incidents: [
    {
      title: "HarperFast/harper #1399",
      url: "https://github.com/HarperFast/harper/issues/1399",
      story:
        "An iterator parked in `next()` was torn down only when the next event woke it; on a quiet " +
        "topic listener and socket stayed for ever.",
    },
    {
      title: "pikkujs/pikku #1657",
      url: "https://github.com/pikkujs/pikku/issues/1657",
      story:
        "The stream of a client that had left was reaped by the next publish to its topic, and by " +
        "nothing else.",
    },
  ],
  shownBy: {
    what: `a client that left, and ${releasedSubscription.what}`,
    has: (exchange) => exchange.endedBy === "client" && releasedSubscription.has(exchange),
  },
  judge: (exchange, moment) => {
    const waiting = judgeTeardown(exchange, moment)
    if (!(waiting instanceof NotYet) && waiting.length > 0) return waiting
    const parked = judgeSubscriptions(exchange, moment)
    return waiting instanceof NotYet && !(parked instanceof NotYet) && parked.length === 0
      ? waiting
      : parked
  },
}

/** The cleanup in the body of a client that has left waits for something that nobody stops. */
const judgeTeardown = (exchange: Exchange, moment: Moment): Verdict => {
  const { leaveSeenAt: began, endedAt: ended, endedBy } = exchange
  if (began === undefined || (ended !== undefined && endedBy !== "client")) return []
  const until = ended ?? exchange.openUntil ?? moment.now
  const due = began + moment.grace + stalledSince(began, exchange)
  if (until > due) return [describeTeardown(exchange, began, ended, until)]
  return ended === undefined ? notYetUnless(moment, due) : []
}

const describeTeardown = (
  exchange: Exchange,
  began: Micros,
  ended: Micros | undefined,
  until: Micros,
): RuleHit => {
  const { millis, text } = timesSince(exchange.startedAt)
  const lasted = formatMillis(millisBetween(began, until))
  return {
    confidence: "likely", // cleaning up may be slow for a good reason
    operation: exchange.name,
    message:
      `The client of ${exchange.route} left at ${text(began)}, and cleaning up ` +
      (ended === undefined
        ? `was not done ${lasted} later: `
        : `took ${lasted}, until ${text(ended)}: `) +
      "it waits for something that nobody stops.",
    evidence: { "client.left_ms": millis(began), "teardown.until_ms": millis(until) },
    stream: undefined,
    spanIds: [exchange.span.spanId],
    isForHandler: true,
  }
}

const judgeSubscriptions = (exchange: Exchange, moment: Moment): Verdict => {
  const { subscriptions, streams, endedAt: exchangeEnd, endedBy } = exchange
  if (subscriptions.length === 0) return nothing
  if (exchangeEnd === undefined) return notYetUnless(moment)
  if (endedBy !== "client") return nothing
  const reader = streams.find(({ endedAt }) => endedAt !== undefined)
  if (reader === undefined) return nothing
  return ofEach(
    subscriptions,
    (_, subscription) => judgeSubscription(exchange, subscription, exchangeEnd, reader, moment),
    exchange,
    moment,
  )
}

const nothing: Verdict = []

const judgeSubscription = (
  exchange: Exchange,
  subscription: Subscription,
  exchangeEnd: Micros,
  reader: StreamRun,
  moment: Moment,
): Verdict => {
  if (isOwnedByProgram(subscription) || subscription.shared) return []
  if (subscription.endedAt !== undefined && subscription.endedAt <= exchangeEnd) return []
  const publishedAt = nextPublish(subscription, exchangeEnd)
  if (subscription.endedAt === undefined) {
    const due = publishedAt === undefined ? undefined : dueAfterPublish(publishedAt, subscription)
    return due !== undefined && moment.now > due ? [] : notYetUnless(moment, due)
  }
  if (publishedAt === undefined || publishedAt > subscription.endedAt) return []
  if (
    subscription.endedAt > dueAfterPublish(publishedAt, subscription) ||
    publishedAt - exchangeEnd <= moment.grace + stalledSince(exchangeEnd, subscription)
  ) {
    return []
  }
  return [describe(exchange, exchangeEnd, subscription, subscription.endedAt, publishedAt, reader)]
}

/** The first message that reached it after the exchange had ended, no matter who took it. */
const nextPublish = (
  { untracedReadAt, unreadPublishAt }: Subscription,
  exchangeEnd: Micros,
): Micros | undefined =>
  [unreadPublishAt, untracedReadAt].find((time) => time !== undefined && time > exchangeEnd)

const describe = (
  exchange: Exchange,
  exchangeEnd: Micros,
  subscription: Subscription,
  releasedAt: Micros,
  publishedAt: Micros,
  stream: StreamRun,
): RuleHit => {
  const { millis, text } = timesSince(exchange.startedAt)
  const held = formatMillis(millisBetween(exchangeEnd, releasedAt))
  return {
    confidence: "certain",
    operation: spanName.subscription(subscription.name),
    message:
      `The client left at ${text(exchangeEnd)}, and ${placedSubscription(subscription)} was still held ` +
      `${held} later: it was released at ${text(releasedAt)}, when the next message reached it.`,
    evidence: {
      resource: resourceText(subscription),
      stream: stream.name,
      "exchange.ended_ms": millis(exchangeEnd),
      "message.published_ms": millis(publishedAt),
      "resource.released_ms": millis(releasedAt),
      ...codeEvidence(subscription.code),
    },
    stream: undefined,
    spanIds: [subscription.span.spanId],
    isForHandler: true,
  }
}
