import { spanName } from "../../attributes.ts"
import { codeEvidence } from "../code-evidence.ts"
import {
  type Exchange,
  type FeederFailure,
  lastToFail,
  readBy,
  type StreamRun,
  type Subscription,
} from "../model.ts"
import { quoted } from "../quoted.ts"
import {
  type Moment,
  NotYet,
  notYetUnless,
  ofEach,
  type Rule,
  type RuleHit,
  type Verdict,
} from "../rule.ts"
import { endOfStream } from "../shown-by.ts"
import { pubsubText, subscriptionText } from "../subscription-text.ts"
import { formatMillis, type Micros, millisBetween, timesSince } from "../time.ts"

export const upstreamBoundToFirstConsumer: Rule<"upstream-bound-to-first-consumer"> = {
  name: "upstream-bound-to-first-consumer",
  severity: "error",
  symptom: "When one client leaves, the streams of other clients end too.",
  summary: "A shared upstream is owned by another exchange, and ends with it.",
  meaning: `What the stream read was owned by a scope of *another* exchange: a PubSub that this scope
shut down, or a subscription that it released. When that exchange ended, so did this stream, although
its own client was still there. Exchanges that end together because the program stops are healthy, and
so is an upstream that a scope of the program owns. The rule also holds if
only one fiber had ever published what the stream reads, if another exchange had started it and read that itself,
and if it was stopped with that exchange: the stream stays open, and no event comes. That is \`likely\`, because
the next request may start another. And it holds if a handler or a body waited for what another exchange did (a
Deferred, a fiber), and ended with the interrupt that was sent to that exchange. What a third request interrupts
is called off on purpose.`,
  suggestion: `Let the program own what requests share; the first request only happens to need it first:

  class Relay extends Context.Service<
    Relay,
    PubSub.PubSub<Event>
  >()("Relay") {
    // its scope is the Layer's
    static readonly layer = Layer.effect(Relay, makeRelay)
  }

Where it should live only while somebody reads it, count readers: RcRef.make({ acquire: makeRelay }).`,
  incidents: [
    {
      title: "Effect #3187",
      url: "https://github.com/Effect-TS/effect/issues/3187",
      story:
        "A fiber started with `forkScoped` by the first run of a shared stream belonged to that " +
        "run's scope, and stopped for everybody when it ended: works as designed, and catches people.",
    },
    {
      title: "undici #5711",
      url: "https://github.com/nodejs/undici/issues/5711",
      story:
        "Callers that waited for the same answer failed when the one that had asked first gave up.",
    },
  ],
  shownBy: endOfStream,
  judge: (exchange, moment) => {
    const isPlanned = exchange.endedBy === "client" || exchange.endedBy === "shutdown"
    const { cutOff, failed } = exchange
    if (!isPlanned && cutOff?.otherTrace !== undefined && failed === true) {
      return [describeCutOff(exchange, cutOff)]
    }
    const ended = isPlanned ? [] : ofEach(exchange.streams, judgeStream, exchange, moment)
    return ended instanceof NotYet || ended.length > 0
      ? ended
      : ofEach(exchange.streams, judgeFeed, exchange, moment)
  },
}

/** What it waited for was done by another exchange, and was interrupted with that. */
const describeCutOff = (
  exchange: Exchange,
  { at, otherTrace = "unknown" }: NonNullable<Exchange["cutOff"]>,
): RuleHit => {
  const { millis, text } = timesSince(exchange.startedAt)
  const [stream] = lastToFail(exchange)
  const ended = stream?.endedAt ?? exchange.endedAt ?? at
  return {
    confidence: "certain",
    suggestion: `Let the program do what requests share, and let each request only wait for that:

  const program = yield* Effect.scope // the scope of a Layer
  // in the handler that comes first
  yield* Deferred.into(compute, answer).pipe(Effect.forkIn(program))
  // in every handler
  return yield* Deferred.await(answer)`,
    operation: stream === undefined ? exchange.name : spanName.stream(stream.name),
    message:
      `${exchange.route} ended at ${text(ended)} with an interrupt that had not been sent to it: another ` +
      `exchange (trace ${otherTrace}) did what this one waited for, and was interrupted, while this client was ` +
      "still connected.",
    evidence: {
      "interrupt.sent_ms": millis(at),
      "exchange.ended_ms": millis(ended),
      "owner.trace": otherTrace,
    },
    stream: stream?.span.spanId,
    spanIds: [stream?.span.spanId ?? exchange.span.spanId],
  }
}

/** What took the stream's upstream away, and when. */
interface Owner {
  readonly operation: string
  readonly scope: string
  readonly traceId: string
  readonly upstream: string
  readonly at: Micros
  readonly spanIds: ReadonlyArray<string>
}

const judgeStream = (
  exchange: Exchange,
  stream: StreamRun,
  { grace }: Moment,
): ReadonlyArray<RuleHit> => {
  const { endedAt, endedBy } = stream
  if (endedAt === undefined || endedBy === "client" || endedBy === "shutdown") return []
  const owner =
    foreignRelease(stream, endedAt) ??
    foreignQueue(stream) ??
    foreignShutdown(exchange, stream, endedAt, grace)
  if (owner === undefined) return []
  const { millis, text } = timesSince(exchange.startedAt)
  return [
    {
      confidence: "certain",
      operation: owner.operation,
      message:
        `Stream "${stream.name}" ended at ${text(endedAt)} because ${owner.upstream}, which it ` +
        `read, belonged to ${quoted("scope", owner.scope)} of another exchange (trace ${owner.traceId}): ` +
        `that one closed at ${text(owner.at)}, while this client was still connected.`,
      evidence: {
        stream: stream.name,
        "stream.ended_ms": millis(endedAt),
        upstream: owner.upstream,
        "upstream.ended_ms": millis(owner.at),
        "owner.scope": owner.scope,
        "owner.trace": owner.traceId,
      },
      stream: stream.span.spanId,
      spanIds: [...owner.spanIds, stream.span.spanId],
    },
  ]
}

const foreignRelease = (
  { endedBy, endedByForeign }: StreamRun,
  endedAt: Micros,
): Owner | undefined =>
  endedBy !== "released" ||
  endedByForeign === undefined ||
  endedByForeign.belongsTo === "the program"
    ? undefined
    : {
        operation: spanName.scope(endedByForeign.owner),
        scope: endedByForeign.owner,
        traceId: endedByForeign.subscription.traceId,
        upstream: subscriptionText(endedByForeign),
        at: endedAt,
        spanIds: [],
      }

/** Another exchange was over, and shut the queue down with a scope of its own. */
const foreignQueue = ({ shutQueue }: StreamRun): Owner | undefined =>
  shutQueue?.by?.belongsTo !== "another exchange"
    ? undefined
    : {
        operation: spanName.scope(shutQueue.by.name),
        scope: shutQueue.by.name,
        traceId: shutQueue.by.span.traceId,
        upstream: "a queue",
        at: shutQueue.at,
        spanIds: [],
      }

/** A stream that goes on to something else, or that fails, ends for another reason. */
const foreignShutdown = (
  exchange: Exchange,
  { reads, exit }: StreamRun,
  endedAt: Micros,
  grace: Micros,
): Owner | undefined => {
  if (exit !== "success") return undefined
  for (const { span, name, sourceEnd } of exchange.subscriptions) {
    if (!reads.includes(span.spanId) || sourceEnd?.how !== "shutdown") continue
    const { at, by } = sourceEnd
    if (by?.belongsTo !== "another exchange" || at > endedAt || endedAt - at > grace) continue
    return {
      operation: spanName.scope(by.name),
      scope: by.name,
      traceId: by.span.traceId,
      upstream: pubsubText({ name }),
      at,
      spanIds: [span.spanId],
    }
  }
  return undefined
}

/** The stream is open, and a fiber that was started for another exchange alone had fed it. */
const judgeFeed = (exchange: Exchange, stream: StreamRun, moment: Moment): Verdict => {
  const stopped = lastToBeStopped(exchange, stream)
  if (stopped === undefined) return []
  const { feeder, subscription } = stopped
  const since = Math.max(feeder.at, stream.startedAt, subscription.startedAt)
  const openUntil = stream.endedAt ?? exchange.openUntil ?? moment.now
  if (openUntil - since > moment.grace) {
    return [describeFeed(exchange, stream, stopped, millisBetween(since, openUntil))]
  }
  return stream.endedAt === undefined ? notYetUnless(moment, since + moment.grace) : []
}

interface StoppedFeeder {
  readonly subscription: Subscription
  readonly feeder: FeederFailure
}

/** Of all that a stream reads; none where something else still feeds it. */
const lastToBeStopped = (exchange: Exchange, stream: StreamRun): StoppedFeeder | undefined => {
  const subscriptions = readBy(exchange, stream)
  if (subscriptions.length < stream.reads.length) return undefined // some belong to others
  let last: StoppedFeeder | undefined
  for (const subscription of subscriptions) {
    const { feederFailed: feeder, sourceEnd } = subscription
    if (feeder?.stoppedWith === undefined || sourceEnd !== undefined) return undefined
    if (feeder.stoppedWith === exchange.span.traceId) return undefined
    if (last === undefined || last.feeder.at < feeder.at) last = { subscription, feeder }
  }
  return last
}

const describeFeed = (
  exchange: Exchange,
  stream: StreamRun,
  { subscription, feeder }: StoppedFeeder,
  openFor: number,
): RuleHit => {
  const { millis, text } = timesSince(exchange.startedAt)
  return {
    confidence: "likely", // the next request may start another
    operation: spanName.fiber(feeder.name),
    message:
      `Stream "${stream.name}" was open for ${formatMillis(openFor)} without an event: only ` +
      `${quoted("fiber", feeder.name)} had published what it reads, and that was stopped at ` +
      `${text(feeder.at)} with another exchange (trace ${feeder.stoppedWith}), which had started it.`,
    evidence: {
      stream: stream.name,
      fiber: feeder.name,
      "fiber.stopped_ms": millis(feeder.at),
      ...codeEvidence(feeder.code),
      "owner.trace": feeder.stoppedWith ?? "",
      resource: subscription.name,
    },
    stream: stream.span.spanId,
    spanIds: [subscription.span.spanId, stream.span.spanId],
  }
}
