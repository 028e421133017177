import { spanName } from "../../attributes.ts"
import { codeEvidence } from "../code-evidence.ts"
import { type Exchange, isOwnedByProgram, type StreamRun, type Subscription } from "../model.ts"
import {
  type Moment,
  notYetUnless,
  ofEach,
  type Rule,
  type RuleHit,
  type Verdict,
} from "../rule.ts"
import { releasedSubscription } from "../shown-by.ts"
import { placedSubscription, resourceText } from "../subscription-text.ts"
import { formatMillis, type Micros, millisBetween, timesSince } from "../time.ts"

/**
 * What is released this long after a publish was released by it: whoever wakes up for a message and
 * finds its client gone cleans up within the same turn of the event loop. 100 ms.
 */
export const rightAfter: Micros = 100_000

export const deferredTeardown: Rule<"deferred-teardown"> = {
  name: "deferred-teardown",
  severity: "warning",
  symptom: "What a client had acquired stays when it has left, until somebody publishes again.",
  summary: "A resource is released only when the next event arrives after the disconnect.",
  meaning: `The client left, the exchange ended, and a subscription that was acquired for its body
stayed, until a message was published and reached it: within 100 ms of that it was released. On a
quiet topic it stays for ever, one more with every client. Before any publish, nothing can be said;
where a recording ends without one, \`subscription-leak\` says \`likely\`.`,
  suggestion: `An async generator that waits in next() cannot be told to stop. Let a scope own what it
listens to, so that closing it does not need another event:

  // not Stream.fromAsyncIterable(generator)
  Stream.callback((queue) =>
    Effect.acquireRelease(listen(queue), unlisten)
  )`,
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
  judge: (exchange, moment) => ofEach(exchange.subscriptions, judgeSubscription, exchange, moment),
}

const judgeSubscription = (
  exchange: Exchange,
  subscription: Subscription,
  moment: Moment,
): Verdict => {
  const { endedAt: exchangeEnd } = exchange
  if (exchangeEnd === undefined) return notYetUnless(moment)
  if (exchange.endedBy !== "client") return []
  const reader = exchange.streams.find(({ endedAt }) => endedAt !== undefined)
  if (reader === undefined || isOwnedByProgram(subscription) || subscription.shared) return []
  if (subscription.endedAt !== undefined && subscription.endedAt <= exchangeEnd) return []
  const publishedAt = nextPublish(subscription, exchangeEnd)
  if (subscription.endedAt === undefined) {
    const due = publishedAt === undefined ? undefined : publishedAt + rightAfter
    return due !== undefined && moment.now > due ? [] : notYetUnless(moment, due)
  }
  if (publishedAt === undefined || publishedAt > subscription.endedAt) return []
  if (
    subscription.endedAt - publishedAt > rightAfter ||
    publishedAt - exchangeEnd <= moment.grace
  ) {
    return []
  }
  return [describe(exchange, exchangeEnd, subscription, subscription.endedAt, publishedAt, reader)]
}

/** The first message that reached it after the exchange had ended, whoever took it. */
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
  }
}
