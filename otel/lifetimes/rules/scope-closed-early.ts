import { spanName } from "../../attributes.ts"
import { codeEvidence } from "../code-evidence.ts"
import { counted } from "../counted.ts"
import {
  type Exchange,
  placeInCode,
  readBy,
  type Scope,
  type StreamRun,
  type Subscription,
} from "../model.ts"
import { quoted } from "../quoted.ts"
import { ofEach, type Rule, type RuleHit } from "../rule.ts"
import { endOfStream } from "../shown-by.ts"
import { capitalized, pubsubText, resourceText, subscriptionText } from "../subscription-text.ts"
import { formatMillis, type Micros, millisBetween, timesSince } from "../time.ts"
import { scopeThatReleased } from "../unknown-release.ts"

export const scopeClosedEarly: Rule<"scope-closed-early"> = {
  name: "scope-closed-early",
  severity: "error",
  symptom:
    "A client is answered 200, perhaps with a first event, and then its stream ends; nothing is logged.",
  summary: "A scope closed and released a resource that the response body still had to read.",
  meaning: `A scope of the exchange released a subscription before the stream that reads it had ended: the
stream was running, or had not begun. It ends at once, with exit \`success\`, and nothing is logged.
\`certain\` where the end of the stream is recorded as caused by that release; \`likely\` where no
subscription was seen, but the body ended on an interrupt that its own fiber did not receive, after a
nested scope had closed. It also holds if a scope of the program had closed before the request began and had
shut down the PubSub that the stream reads: a Layer that is provided too early. A client that left or a server that stopped before is healthy.`,
  suggestion: `Let the resource live as long as the body that reads it. Acquire it in the request's own
scope (drop the nested Effect.scoped), or in a scope that the request's scope closes:

  const connection = yield* Effect.acquireRelease(
    Scope.fork(application),
    Scope.close
  )
  const subscription = yield* PubSub.subscribe(bus).pipe(
    Scope.provide(connection)
  )
  return HttpServerResponse.stream(
    Stream.fromSubscription(subscription)
  )`,
  incidents: [
    {
      title: "OpenCode #27391",
      url: "https://github.com/anomalyco/opencode/issues/27391",
      story:
        "As reported: `GET /event` answers 200, sends `server.connected` and ends at once, because a " +
        "scope that closes when the handler returns owns the subscription.",
    },
    {
      title: "alchemy-run/alchemy #1639",
      url: "https://github.com/alchemy-run/alchemy/pull/1639",
      story: "The scope of an event closed under the body of the response that was still running.",
    },
  ],
  shownBy: endOfStream,
  judge: (exchange, moment) => ofEach(exchange.streams, judgeStream, exchange, moment),
}

const judgeStream = (exchange: Exchange, stream: StreamRun): ReadonlyArray<RuleHit> => {
  if (stream.endedAt === undefined || !isBody(exchange, stream.endedAt)) return []
  if (stream.endedBy === "released" && stream.shutQueue?.by !== undefined) {
    const { at, by } = stream.shutQueue
    return [queueShutDown(exchange, stream, stream.endedAt, { at, by })]
  }
  if (stream.endedBy === "released" && stream.endedBySubscription === undefined) {
    return endedByUnknownRelease(exchange, stream, stream.endedAt)
  }
  if (stream.endedBy === "released" && stream.endedByForeign?.belongsTo === "the program") {
    const { releasedFor = 0 } = stream.endedByForeign
    // What the program closes while somebody reads it, it ends on purpose.
    if (stream.endedAt - releasedFor > exchange.startedAt) return []
    return [releasedBefore(exchange, stream, stream.endedAt, stream.endedByForeign)]
  }
  const shut = shutDownBefore(exchange, stream)
  if (shut !== undefined) return [describeShutDown(exchange, stream, stream.endedAt, shut)]
  for (const subscription of exchange.subscriptions) {
    if (!isConcerned(stream, subscription)) continue
    const held = judgeRelease(exchange, stream, stream.endedAt, subscription)
    if (held !== undefined) return [held]
  }
  return []
}

/** Looked at first: an exchange may have thousands of streams, and as many subscriptions and scopes. */
const isConcerned = (
  { reads, endedBySubscription, refused }: StreamRun,
  { span: { spanId } }: Subscription,
): boolean =>
  endedBySubscription === spanId || refused?.subscription === spanId || reads.includes(spanId)

/** What a handler reads before it returns is its own affair. */
const isBody = ({ handlerReturnedAt }: Exchange, streamEnd: Micros): boolean =>
  handlerReturnedAt === undefined || streamEnd >= handlerReturnedAt

const judgeRelease = (
  exchange: Exchange,
  stream: StreamRun,
  streamEnd: Micros,
  subscription: Subscription,
): RuleHit | undefined => {
  const { owner } = subscription
  const ended =
    stream.endedBy === "released" && stream.endedBySubscription === subscription.span.spanId
  const suggested = timesSuggest(exchange, stream, streamEnd, subscription)
  const met = stream.refused?.subscription === subscription.span.spanId
  // Of many streams and subscriptions most have nothing to do with each other.
  if (subscription.endedAt === undefined || !(ended || met || suggested)) return undefined
  const closer = exchange.scopes.find((scope) => scope.span.spanId === subscription.releasedBy)
  const untraced = owner.inExchange || owner.spanId === undefined
  if (closer === undefined && !untraced) return undefined
  // Whoever is interrupted closes scopes under readers too: those that closed in order are meant.
  const refused =
    met &&
    stream.refused !== undefined &&
    stream.refused.at < streamEnd &&
    closer !== undefined &&
    closer.exit !== "interrupt"
  if (!ended && !refused && !suggested) return undefined
  const closedAt = closer?.closedAt ?? subscription.endedAt
  const { millis, text } = timesSince(exchange.startedAt)
  const name = closer?.name ?? owner.name
  const isUntraced = closer === undefined && !owner.inExchange
  const scopeName = isUntraced
    ? "An untraced scope"
    : `${capitalized(quoted("scope", name))}${closer === undefined ? "" : placeInCode(closer)}`
  return {
    confidence:
      (ended || refused) && closer !== undefined && !isDeliberate(exchange, closer)
        ? "certain"
        : "likely",
    operation: isUntraced ? name : spanName.scope(name),
    message:
      `${scopeName} closed at ${text(closedAt)} and released ${subscriptionText(subscription)} while ` +
      `stream "${stream.name}" ${readerState(exchange, stream, closedAt)}; ` +
      `${outcome(exchange, stream, streamEnd)}.`,
    evidence: {
      scope: name,
      "scope.closed_ms": millis(closedAt),
      resource: resourceText(subscription),
      "resource.released_ms": millis(subscription.endedAt),
      stream: stream.name,
      "stream.started_ms": millis(stream.startedAt),
      "stream.ended_ms": millis(streamEnd),
      "stream.exit": stream.exit ?? "unknown",
      "resource.delivered": subscription.delivered,
      ...(closer === undefined ? {} : codeEvidence(closer.code)),
    },
    stream: stream.span.spanId,
    spanIds: [
      ...(closer === undefined ? [] : [closer.span.spanId]),
      subscription.span.spanId,
      stream.span.spanId,
    ],
  }
}

/** Another fiber closed it after the handler had returned: that may be its very purpose. */
const isDeliberate = (
  { handlerReturnedAt, streams }: Exchange,
  { closedAt, closedByFiber }: Scope,
): boolean =>
  handlerReturnedAt !== undefined &&
  closedAt !== undefined &&
  closedAt > handlerReturnedAt &&
  closedByFiber !== undefined &&
  streams.every(({ fiber }) => fiber !== closedByFiber)

const readerState = (exchange: Exchange, stream: StreamRun, closedAt: Micros): string => {
  if (stream.startedAt <= closedAt) return "was still reading it"
  const began = timesSince(exchange.startedAt).text(stream.startedAt)
  return `had not yet begun to read it (it began at ${began})`
}

const outcome = (exchange: Exchange, stream: StreamRun, streamEnd: Micros): string => {
  const ended = timesSince(exchange.startedAt).text(streamEnd)
  if (stream.endedBy === "client" || stream.endedBy === "shutdown") {
    return `nothing came from it any more, and the stream ran on until ${ended}`
  }
  const clean = exchange.endedBy === "server" && exchange.failed !== true
  return (
    `the stream ended at ${ended} after ${counted(stream.events, "event")}` +
    (clean ? ", and its client saw a clean end" : "")
  )
}

/** A released subscription and a finished one end a stream alike, so times give no more than this. */
const timesSuggest = (
  exchange: Exchange,
  stream: StreamRun,
  streamEnd: Micros,
  subscription: Subscription,
): boolean =>
  stream.endedBy === undefined &&
  stream.exit === "success" &&
  exchange.endedBy !== "client" &&
  exchange.endedBy !== "shutdown" &&
  stream.reads.includes(subscription.span.spanId) &&
  !subscription.finished &&
  subscription.endedAt !== undefined &&
  subscription.endedAt < streamEnd

/** The program had acquired it for whoever comes, and its scope had closed when somebody came. */
const releasedBefore = (
  exchange: Exchange,
  stream: StreamRun,
  streamEnd: Micros,
  { name, owner, releasedFor = 0, subscription }: NonNullable<StreamRun["endedByForeign"]>,
): RuleHit => {
  const { millis } = timesSince(exchange.startedAt)
  const releasedAt = streamEnd - releasedFor
  const before = formatMillis(millisBetween(releasedAt, exchange.startedAt))
  return {
    confidence: "certain",
    operation: spanName.scope(owner),
    message:
      `${capitalized(quoted("scope", owner))} of the program had closed ${before} before ${exchange.route} began, and released ` +
      `${subscriptionText({ name })}, which stream "${stream.name}" had to read; ` +
      `${outcome(exchange, stream, streamEnd)}.`,
    evidence: {
      scope: owner,
      "scope.closed_ms": millis(releasedAt),
      resource: resourceText({ name }),
      "resource.trace": subscription.traceId,
      stream: stream.name,
      "stream.started_ms": millis(stream.startedAt),
      "stream.ended_ms": millis(streamEnd),
      "stream.exit": stream.exit ?? "unknown",
    },
    stream: stream.span.spanId,
    spanIds: [stream.span.spanId],
  }
}

/** What it read was ended or shut down, and not by a scope that closed: none has to be blamed for that. */
const hasLostItsSource = (exchange: Exchange, stream: StreamRun): boolean =>
  readBy(exchange, stream).some(({ sourceEnd }) => sourceEnd && sourceEnd.by === undefined)

/** The finalizer of a scope shut the queue down that the stream reads. */
const queueShutDown = (
  exchange: Exchange,
  stream: StreamRun,
  streamEnd: Micros,
  { at, by }: Pick<ShutDown, "at" | "by">,
): RuleHit => {
  const { millis, text } = timesSince(exchange.startedAt)
  const closer = exchange.scopes.find(({ span }) => span.spanId === by.span?.spanId)
  const scopeName =
    capitalized(quoted("scope", by.name)) +
    (closer === undefined ? " of the program" : placeInCode(closer))
  const closed =
    closer === undefined
      ? `had closed ${formatMillis(millisBetween(at, exchange.startedAt))} before ${exchange.route} began`
      : `closed at ${text(at)}`
  return {
    confidence: closer !== undefined && isDeliberate(exchange, closer) ? "likely" : "certain",
    operation: spanName.scope(by.name),
    message:
      `${scopeName} ${closed} and shut the queue down that stream "${stream.name}" reads; ` +
      `${outcome(exchange, stream, streamEnd)}.`,
    evidence: {
      scope: by.name,
      "scope.closed_ms": millis(at),
      resource: "queue",
      ...codeEvidence(closer?.code),
      stream: stream.name,
      "stream.started_ms": millis(stream.startedAt),
      "stream.ended_ms": millis(streamEnd),
      "stream.exit": stream.exit ?? "unknown",
    },
    stream: stream.span.spanId,
    spanIds: [...(closer === undefined ? [] : [closer.span.spanId]), stream.span.spanId],
  }
}

interface ShutDown {
  readonly subscription: Subscription
  readonly at: Micros
  readonly by: NonNullable<NonNullable<Subscription["sourceEnd"]>["by"]>
}

/** All that the stream reads was shut down by scopes of the program that had closed when somebody came. */
const shutDownBefore = (exchange: Exchange, stream: StreamRun): ShutDown | undefined => {
  if (stream.reads.length === 0 || stream.endedBy !== "upstream") return undefined
  let last: ShutDown | undefined
  const subscriptions = readBy(exchange, stream)
  if (subscriptions.length < stream.reads.length) return undefined // some belong to others
  for (const subscription of subscriptions) {
    const { sourceEnd } = subscription
    if (sourceEnd?.how !== "shutdown" || sourceEnd.by?.belongsTo !== "the program") return undefined
    if (sourceEnd.at >= exchange.startedAt) return undefined
    last = { subscription, at: sourceEnd.at, by: sourceEnd.by }
  }
  return last
}

const describeShutDown = (
  exchange: Exchange,
  stream: StreamRun,
  streamEnd: Micros,
  { subscription, at, by }: ShutDown,
): RuleHit => {
  const { millis } = timesSince(exchange.startedAt)
  const before = formatMillis(millisBetween(at, exchange.startedAt))
  return {
    confidence: "certain",
    operation: spanName.scope(by.name),
    message:
      `${capitalized(quoted("scope", by.name))} of the program had closed ${before} before ` +
      `${exchange.route} began, and shut ` +
      `${pubsubText(subscription)} down, which stream "${stream.name}" had to read; ` +
      `${outcome(exchange, stream, streamEnd)}.`,
    evidence: {
      scope: by.name,
      "scope.closed_ms": millis(at),
      resource: resourceText(subscription),
      "owner.trace": by.span?.traceId ?? "unknown",
      ...codeEvidence(subscription.code),
      stream: stream.name,
      "stream.started_ms": millis(stream.startedAt),
      "stream.ended_ms": millis(streamEnd),
      "stream.exit": stream.exit ?? "unknown",
    },
    stream: stream.span.spanId,
    spanIds: [subscription.span.spanId, stream.span.spanId],
  }
}

const endedByUnknownRelease = (
  exchange: Exchange,
  stream: StreamRun,
  streamEnd: Micros,
): ReadonlyArray<RuleHit> => {
  const closer = scopeThatReleased(exchange, stream)
  if (closer === undefined || hasLostItsSource(exchange, stream)) return []
  const { millis, text } = timesSince(exchange.startedAt)
  const closedAt = closer.closedAt ?? streamEnd
  return [
    {
      confidence: "likely",
      operation: spanName.scope(closer.name),
      message:
        `Stream "${stream.name}" ended at ${text(streamEnd)} on an interrupt that its own ` +
        `fiber did not receive, after ${quoted("scope", closer.name)}${placeInCode(closer)} ` +
        (closer.enteredClosed
          ? `had closed before ${exchange.route} entered it, at ${text(closer.startedAt)}: whatever ` +
            "is acquired in it is released at once."
          : `had closed at ${text(closedAt)}: what it read was probably released with that scope.`),
      evidence: {
        scope: closer.name,
        "scope.closed_ms": millis(closedAt),
        "scope.finalizers": closer.finalizers,
        ...codeEvidence(closer.code),
        stream: stream.name,
        "stream.ended_ms": millis(streamEnd),
      },
      stream: stream.span.spanId,
      spanIds: [closer.span.spanId, stream.span.spanId],
    },
  ]
}
