import { spanName } from "../../attributes.ts"
import { codeEvidence } from "../code-evidence.ts"
import { counted } from "../counted.ts"
import type { Exchange, StreamRun } from "../model.ts"
import { firstRead } from "../relations.ts"
import { type Moment, ofEach, type Rule, type RuleHit } from "../rule.ts"
import { readSubscription } from "../shown-by.ts"
import { isCall } from "../spans/exchange-name.ts"
import { placedSubscription, resourceText } from "../subscription-text.ts"
import { formatMillis, millisBetween, timesSince } from "../time.ts"

export const lateSubscription: Rule<"late-subscription"> = {
  name: "late-subscription",
  severity: "warning",
  symptom: "Sometimes a client misses what was published right after it had connected.",
  summary: "The first frame was sent before the subscription existed.",
  meaning: `A stream produced its first element before it acquired the first subscription that it reads, at most one
grace period before. A client that takes the first frame for "connected" acts at once. What is published between the
two moments does not reach this stream. Scopeline counts it. It is \`likely\`, because a stream may read later what it
missed.

Healthy: a PubSub that replays all that was published in between, and a tick that is merged with the subscription: both begin
together.`,
  suggestion: `Subscribe in the handler, before the response exists, and stream what has been acquired:

  // not Stream.fromPubSub(bus)
  const subscription = yield* PubSub.subscribe(bus)
  return HttpServerResponse.stream(
    Stream.concat(connected, Stream.fromSubscription(subscription))
  )`,
  incidents: [
    {
      title: "OpenCode #27959",
      url: "https://github.com/anomalyco/opencode/pull/27959",
      story:
        "Subscribing was left to the first pull, after `server.connected` had been flushed: what was " +
        "published in between was lost.",
    },
  ],
  shownBy: readSubscription,
  judge: (exchange, moment) => ofEach(exchange.streams, judgeStream, exchange, moment),
}

/** The handler of a call gives a stream, and no response. */
const ofCall = `Subscribe before the first element, and stream what has been acquired:

  // not Stream.fromPubSub(bus)
  Stream.unwrap(
    Effect.map(PubSub.subscribe(bus), (subscription) =>
      Stream.concat(connected, Stream.fromSubscription(subscription))
    )
  )`

const judgeStream = (
  exchange: Exchange,
  stream: StreamRun,
  { grace }: Moment,
): ReadonlyArray<RuleHit> => {
  const { firstEventAt } = stream
  const subscription = firstRead(exchange, stream)
  if (firstEventAt === undefined || subscription === undefined) return []
  if (subscription.startedAt <= firstEventAt) return []
  // What was sent first came from somewhere else: it did not wait for the subscription.
  if (subscription.beside) return []
  // Nobody can miss anything of what has ended.
  if (subscription.sourceEnd !== undefined && subscription.sourceEnd.at <= firstEventAt) return []
  // If it comes much later, the stream has gone on to something else.
  if (subscription.startedAt - firstEventAt > grace) return []
  if (subscription.replays && subscription.missedBefore === 0) return []
  const { millis, text } = timesSince(exchange.startedAt)
  const { missedBefore } = subscription
  const gap = formatMillis(millisBetween(firstEventAt, subscription.startedAt))
  const lost =
    missedBefore === 0
      ? "nothing happened to be published in between"
      : `${counted(missedBefore, "message")} published in between did not reach this stream`
  return [
    {
      // The stream may have read later what it missed.
      confidence: "likely",
      ...(isCall(exchange.route) ? { suggestion: ofCall } : {}),
      operation: spanName.subscription(subscription.name),
      message:
        `Stream "${stream.name}" sent its first frame at ${text(firstEventAt)}, ${gap} before ` +
        `${placedSubscription(subscription)} existed (${text(subscription.startedAt)}): ${lost}.`,
      evidence: {
        stream: stream.name,
        "stream.first_event_ms": millis(firstEventAt),
        resource: resourceText(subscription),
        "resource.acquired_ms": millis(subscription.startedAt),
        "messages.missed": missedBefore,
        ...codeEvidence(subscription.code),
      },
      stream: stream.span.spanId,
      spanIds: [subscription.span.spanId, stream.span.spanId],
      isForHandler: true,
    },
  ]
}
