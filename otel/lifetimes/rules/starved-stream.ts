import { spanName } from "../../attributes.ts"
import { codeEvidence } from "../code-evidence.ts"
import { counted } from "../counted.ts"
import { indexed } from "../indexed.ts"
import { known } from "../known-evidence.ts"
import type { Exchange, SourceEnd, StreamRun, Subscription } from "../model.ts"
import { judgeOpenSince } from "../open-since.ts"
import { queuesReadBy, readBy, scopeOf } from "../relations.ts"
import { all, type Moment, ofEach, type Rule, type RuleHit, type Verdict } from "../rule.ts"
import { isPartOfStop } from "../stopped-before.ts"
import { capitalized, pubsubText, resourceText } from "../subscription-text.ts"
import { formatMillis, type Micros, millisBetween, timesSince } from "../time.ts"
import { stoppedWithHandler } from "./starved/stopped-with-handler.ts"

const buildOnce = `If a Layer was built twice, build it once: provide it around everything that uses it, and not to each
part. Give two runtimes one memo map:

  const memoMap = Layer.makeMemoMapUnsafe()
  const server = ManagedRuntime.make(layerServer, { memoMap })
  const worker = ManagedRuntime.make(layerWorker, { memoMap })`

export const starvedStream: Rule<"starved-stream"> = {
  name: "starved-stream",
  severity: "error",
  symptom: "A client stays connected and gets heartbeats, but never another event.",
  summary: "The stream is open, but its upstream was shut down or replaced, or is another one.",
  meaning: `All subscriptions that the stream reads lost their PubSub, and the stream went on for longer than the grace
period. A PubSub is lost when something shuts it down, such as a reload that replaces it. Something merged into the
stream, such as a heartbeat, keeps it open, but no event of that PubSub can come any more. It is \`likely\`, because
what else is merged may be useful.

Healthy: a stream that continues with another source on the fiber that read the subscription, a stream of which a single
part has ended, and everything while the program stops. If a scope of the program shuts its PubSub down, the rule takes
that for the program's end, unless a new PubSub replaces it.

The rule also applies if a Layer was built twice. One build made the PubSub that the stream reads, and nothing was ever
published to it. The other build made one that nobody ever read, and three or more messages were published to it while
the stream waited for longer than the grace period. The rule compares only PubSubs that a Layer made outside of any
request, only if the Layer was built exactly twice, and only if the two builds were made together with different other
Layers. One program that is built twice, such as one for each tenant, is healthy: each build has its own publishers and
readers. So is a function that makes a PubSub for each tenant, session or room. It is \`likely\`, because both builds may be intended.

The rule also applies to a web handler that starts the fiber which feeds its body with \`Effect.forkChild\`. The handler
ends as soon as its response is made, and its children end with it. Either that fiber was the only one that had fed the
body. Or it was the handler's only child, and nothing else is left that could feed the body: no other fiber of the
request, and nothing in the request's scope.`,
  suggestion: `Let the stream end with its upstream, so that its client connects again:

  Stream.merge(events, heartbeat, { haltStrategy: "left" })

or send heartbeats through the PubSub itself. If a reload replaces the PubSub, end the streams of the old one.

${buildOnce}`,
  incidents: [
    {
      title: "OpenCode #38458",
      url: "https://github.com/anomalyco/opencode/issues/38458",
      story: "The event stream stayed open and carried nothing but heartbeats while a turn ran.",
    },
    {
      title: "OpenCode #27966",
      url: "https://github.com/anomalyco/opencode/issues/27966",
      story:
        "Publishers and subscribers were on different instances of the bus (see PR #27825): the stream " +
        "was open, and no event reached it.",
    },
  ],
  shownBy: {
    what: "a traced subscription whose PubSub had come to its end, or was not the one that is published to, or a fiber that had fed a stream and was stopped",
    has: ({ subscriptions, queues }) =>
      queues.some(({ feederFailed }) => feederFailed !== undefined) ||
      subscriptions.some(
        ({ sourceEnd, publishedElsewhere }) =>
          sourceEnd !== undefined || publishedElsewhere !== undefined,
      ),
  },
  judge: (exchange, moment) =>
    all(
      ofEach(exchange.streams, judgeStream, exchange, moment),
      ofEach(exchange.streams, stoppedWithHandler, exchange, moment),
    ),
}

interface LostSource {
  readonly subscription: Subscription
  readonly end: SourceEnd
}

const judgeStream = (exchange: Exchange, stream: StreamRun, moment: Moment): Verdict => {
  const elsewhere = lastFedElsewhere(exchange, stream)
  if (elsewhere !== undefined) {
    return judgeOpenSince(exchange, stream, elsewhere.at, moment, (openUntil) =>
      ofTwin(exchange, stream, elsewhere, openUntil),
    )
  }
  const lost = lastToLoseItsSource(exchange, stream, moment.grace)
  if (lost === undefined || stream.startedAt > lost.end.at) return []
  if (isPartOfStop(exchange, lost.end.at)) return []
  if (anotherReadsOn(exchange, lost.end.at)) return []
  return judgeOpenSince(exchange, stream, lost.end.at, moment, (openUntil) =>
    describe(exchange, stream, lost, openUntil),
  )
}

interface FedElsewhere {
  readonly subscription: Subscription
  readonly at: Micros
  readonly count: number
}

/**
 * The subscription of a stream whose messages were the last to be published elsewhere; none if one may still be
 * fed.
 */
const lastFedElsewhere = (exchange: Exchange, stream: StreamRun): FedElsewhere | undefined => {
  const subscriptions = readBy(exchange, stream)
  if (subscriptions.length === 0 || subscriptions.length < stream.reads.length) return undefined
  if (subscriptions.some((read) => read.publishedElsewhere === undefined)) return undefined
  if (queuesReadBy(exchange, stream).some(({ withinStream }) => !withinStream)) return undefined
  let last: FedElsewhere | undefined
  for (const subscription of subscriptions) {
    const { publishedElsewhere } = subscription
    if (publishedElsewhere === undefined) continue
    if (last === undefined || last.at < publishedElsewhere.at) {
      last = { subscription, ...publishedElsewhere }
    }
  }
  return last
}

const ofTwin = (
  exchange: Exchange,
  stream: StreamRun,
  { subscription, at, count }: FedElsewhere,
  openUntil: Micros,
): RuleHit => {
  const { millis } = timesSince(exchange.startedAt)
  const open = formatMillis(millisBetween(at, openUntil))
  return {
    confidence: "likely", // both builds may be meant
    suggestion: buildOnce,
    operation: spanName.subscription(subscription.name),
    message:
      `Nothing was ever published to ${pubsubText(subscription)}, which stream "${stream.name}" reads. The ` +
      `Layer that made it was built twice, and ${counted(count, "message")} went to the PubSub of its other ` +
      `build, which nobody reads. The stream ` +
      (stream.endedAt === undefined
        ? `was still open when it was judged, ${open} later.`
        : `stayed open for ${open} after that.`),
    evidence: {
      stream: stream.name,
      resource: resourceText(subscription),
      "published.elsewhere": count,
      "published.elsewhere_ms": millis(at),
      "stream.open_until_ms": millis(openUntil),
      "resource.delivered": subscription.delivered,
      ...codeEvidence(subscription.code),
    },
    stream: stream.span.spanId,
    spanIds: [subscription.span.spanId, stream.span.spanId],
  }
}

/** A scope of the program that closes may be the program that stops. */
const isLoss = ({ how, by, replaced }: SourceEnd): boolean =>
  how === "shutdown" && (replaced || by?.belongsTo !== "the program")

/** The subscription of a stream that was the last to lose its source; none if one still has it. */
const lastToLoseItsSource = (
  exchange: Exchange,
  stream: StreamRun,
  grace: Micros,
): LostSource | undefined => {
  const subscriptions = readBy(exchange, stream)
  if (subscriptions.length < stream.reads.length) return undefined // some belong to others
  let last: LostSource | undefined
  for (const subscription of subscriptions) {
    const { sourceEnd: end, readByFork } = subscription
    if (!readByFork || end === undefined || !isLoss(end)) return undefined
    if (isPartThatEnded(exchange, subscription, end.at + grace)) return undefined
    if (last === undefined || last.end.at < end.at) last = { subscription, end }
  }
  return last
}

/**
 * If its owner has closed too, a part of the stream has ended by itself. An owner that closed long afterwards
 * ended with the stream, or with the program.
 */
const isPartThatEnded = (
  exchange: Exchange,
  { owner, ownerClosed }: Subscription,
  until: Micros,
): boolean => {
  const closedAt = scopeOf(exchange, owner.spanId)?.closedAt
  return ownerClosed && (closedAt === undefined || closedAt <= until)
}

/** A stream inside or around this one that has something to read. */
const anotherReadsOn = (exchange: Exchange, lostAt: Micros): boolean =>
  (feeding(exchange) ?? exchange).streams.some(
    (stream) =>
      (stream.endedAt === undefined || stream.endedAt > lostAt) && hasSource(exchange, stream),
  )

/** For a large exchange, only the stream that has something to read for the longest. */
const feeding = indexed((exchange) => {
  let last: StreamRun | undefined
  for (const stream of exchange.streams) {
    if (!hasSource(exchange, stream)) continue
    if (last === undefined || endOf(stream) > endOf(last)) last = stream
  }
  return { streams: last === undefined ? [] : [last] }
})

const hasSource = (exchange: Exchange, stream: StreamRun): boolean =>
  readBy(exchange, stream).some(({ sourceEnd }) => sourceEnd === undefined)

const endOf = ({ endedAt }: StreamRun): Micros => endedAt ?? Number.POSITIVE_INFINITY

const describe = (
  exchange: Exchange,
  stream: StreamRun,
  { subscription, end }: LostSource,
  openUntil: Micros,
): RuleHit => {
  const { millis, text } = timesSince(exchange.startedAt)
  const isOpen = stream.endedAt === undefined
  const open = formatMillis(millisBetween(end.at, openUntil))
  return {
    // More than heartbeats may be merged into it.
    confidence: "likely",
    operation: spanName.subscription(subscription.name),
    message:
      `${capitalized(pubsubText(subscription))} was shut down${end.replaced ? " and replaced by a new one" : ""} at ` +
      `${text(end.at)}, and stream "${stream.name}", which read no other, ` +
      (isOpen ? `was still open when it was judged, ${open} later` : `ran on for ${open}`) +
      ": none of its events can reach it any more.",
    evidence: {
      stream: stream.name,
      resource: resourceText(subscription),
      "source.ended_ms": millis(end.at),
      ...(end.replaced ? { "source.replaced": true } : {}),
      ...known({ "source.ended_by": end.by?.name }),
      "stream.open_until_ms": millis(openUntil),
      "resource.delivered": subscription.delivered,
      ...codeEvidence(subscription.code),
    },
    stream: stream.span.spanId,
    spanIds: [subscription.span.spanId, stream.span.spanId],
    isForHandler: true,
  }
}
