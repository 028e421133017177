import { CODE_FILE, CODE_FUNCTION, CODE_LINE, spanName } from "../../attributes.ts"
import { counted } from "../counted.ts"
import type { Evidence } from "../finding.ts"
import { type Consumer, type Exchange, placeInCode, type Resource, type Scope } from "../model.ts"
import { type Held, ofEach, type Rule } from "../rule.ts"
import { endOfStream } from "../shown-by.ts"
import { type Micros, timesSince } from "../time.ts"
import { scopeThatReleased } from "../unknown-release.ts"

export const scopeClosedEarly: Rule = {
  name: "scope-closed-early",
  severity: "error",
  symptom:
    "A client is answered 200, perhaps with a first event, and then its stream ends; nothing is logged.",
  summary: "A scope closed and released a resource that the response body still had to read.",
  meaning: `A scope of the exchange released a subscription before the stream that reads it had ended: the
stream was running, or had not begun. It ends at once, with exit \`success\`, and nothing is logged.
\`certain\` where the end of the stream is recorded as caused by that release; \`likely\` where no
subscription was seen, but the body ended on an interrupt that its own fiber did not receive, after a
nested scope had closed. A client that left or a server that stopped before is healthy.`,
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
  judge: (exchange, moment) => ofEach(exchange.consumers, judgeConsumer, exchange, moment),
}

const judgeConsumer = (exchange: Exchange, consumer: Consumer): ReadonlyArray<Held> => {
  if (consumer.endedAt === undefined || !isBody(exchange, consumer.endedAt)) return []
  if (consumer.endedBy === "released" && consumer.endedByResource === undefined) {
    return endedByUnknownRelease(exchange, consumer, consumer.endedAt)
  }
  for (const resource of exchange.resources) {
    if (!isConcerned(consumer, resource)) continue
    const held = judgeRelease(exchange, consumer, consumer.endedAt, resource)
    if (held !== undefined) return [held]
  }
  return []
}

/** Looked at first: an exchange may have thousands of streams, and as many resources and scopes. */
const isConcerned = (
  { reads, endedByResource, refused }: Consumer,
  { span: { spanId } }: Resource,
): boolean => endedByResource === spanId || refused?.resource === spanId || reads.includes(spanId)

/** What a handler reads before it returns is its own affair. */
const isBody = ({ handlerReturnedAt }: Exchange, consumerEnd: Micros): boolean =>
  handlerReturnedAt === undefined || consumerEnd >= handlerReturnedAt

const judgeRelease = (
  exchange: Exchange,
  consumer: Consumer,
  consumerEnd: Micros,
  resource: Resource,
): Held | undefined => {
  const { owner } = resource
  const ended = consumer.endedBy === "released" && consumer.endedByResource === resource.span.spanId
  const suggested = timesSuggest(exchange, consumer, consumerEnd, resource)
  const met = consumer.refused?.resource === resource.span.spanId
  // Of many streams and subscriptions most have nothing to do with each other.
  if (resource.endedAt === undefined || !(ended || met || suggested)) return undefined
  const closer = exchange.scopes.find((scope) => scope.span.spanId === resource.releasedBy)
  const untraced = owner.inExchange || owner.spanId === undefined
  if (closer === undefined && !untraced) return undefined
  // Whoever is interrupted closes scopes under readers too: those that closed in order are meant.
  const refused =
    met &&
    consumer.refused !== undefined &&
    consumer.refused.at < consumerEnd &&
    closer !== undefined &&
    closer.exit !== "interrupt"
  if (!ended && !refused && !suggested) return undefined
  const closedAt = closer?.closedAt ?? resource.endedAt
  const { millis, text } = timesSince(exchange.startedAt)
  const name = closer?.name ?? owner.name
  const isUntraced = closer === undefined && !owner.inExchange
  const scopeName = isUntraced ? "An untraced scope" : `Scope "${name}"`
  return {
    confidence:
      (ended || refused) && closer !== undefined && !isDeliberate(exchange, closer)
        ? "certain"
        : "likely",
    operation: isUntraced ? name : spanName.scope(name),
    message:
      `${scopeName} closed at ${text(closedAt)} and released subscription "${resource.name}" while ` +
      `stream "${consumer.name}" ${readerState(exchange, consumer, closedAt)}; ` +
      `${outcome(exchange, consumer, consumerEnd)}.`,
    evidence: {
      scope: name,
      "scope.closed_ms": millis(closedAt),
      resource: resource.name,
      "resource.released_ms": millis(resource.endedAt),
      stream: consumer.name,
      "stream.started_ms": millis(consumer.startedAt),
      "stream.ended_ms": millis(consumerEnd),
      "stream.exit": consumer.exit ?? "unknown",
      "resource.delivered": resource.delivered,
      ...(closer === undefined ? {} : codeEvidence(closer)),
    },
    consumer: consumer.span.spanId,
    spanIds: [
      ...(closer === undefined ? [] : [closer.span.spanId]),
      resource.span.spanId,
      consumer.span.spanId,
    ],
  }
}

/** Another fiber closed it after the handler had returned: that may be its very purpose. */
const isDeliberate = (
  { handlerReturnedAt, consumers }: Exchange,
  { closedAt, closedByFiber }: Scope,
): boolean =>
  handlerReturnedAt !== undefined &&
  closedAt !== undefined &&
  closedAt > handlerReturnedAt &&
  closedByFiber !== undefined &&
  consumers.every(({ fiber }) => fiber !== closedByFiber)

const readerState = (exchange: Exchange, consumer: Consumer, closedAt: Micros): string => {
  if (consumer.startedAt <= closedAt) return "was still reading it"
  const began = timesSince(exchange.startedAt).text(consumer.startedAt)
  return `had not yet begun to read it (it began at ${began})`
}

const outcome = (exchange: Exchange, consumer: Consumer, consumerEnd: Micros): string => {
  const ended = timesSince(exchange.startedAt).text(consumerEnd)
  if (consumer.endedBy === "client" || consumer.endedBy === "shutdown") {
    return `nothing came from it any more, and the stream ran on until ${ended}`
  }
  const clean = exchange.endedBy === "server" && exchange.failed !== true
  return (
    `the stream ended at ${ended} after ${counted(consumer.events, "event")}` +
    (clean ? ", and its client saw a clean end" : "")
  )
}

/** A released subscription and a finished one end a stream alike, so times give no more than this. */
const timesSuggest = (
  exchange: Exchange,
  consumer: Consumer,
  consumerEnd: Micros,
  resource: Resource,
): boolean =>
  consumer.endedBy === undefined &&
  consumer.exit === "success" &&
  exchange.endedBy !== "client" &&
  exchange.endedBy !== "shutdown" &&
  consumer.reads.includes(resource.span.spanId) &&
  !resource.finished &&
  resource.endedAt !== undefined &&
  resource.endedAt < consumerEnd

const endedByUnknownRelease = (
  exchange: Exchange,
  consumer: Consumer,
  consumerEnd: Micros,
): ReadonlyArray<Held> => {
  const closer = scopeThatReleased(exchange, consumer)
  if (closer === undefined) return []
  const { millis, text } = timesSince(exchange.startedAt)
  const closedAt = closer.closedAt ?? consumerEnd
  return [
    {
      confidence: "likely",
      operation: spanName.scope(closer.name),
      message:
        `Stream "${consumer.name}" ended at ${text(consumerEnd)} on an interrupt that its own ` +
        `fiber did not receive, after scope "${closer.name}"${placeInCode(closer)} had closed at ` +
        `${text(closedAt)}: what it read was probably released with that scope.`,
      evidence: {
        scope: closer.name,
        "scope.closed_ms": millis(closedAt),
        "scope.finalizers": closer.finalizers,
        ...codeEvidence(closer),
        stream: consumer.name,
        "stream.ended_ms": millis(consumerEnd),
      },
      consumer: consumer.span.spanId,
      spanIds: [closer.span.spanId, consumer.span.spanId],
    },
  ]
}

const codeEvidence = ({ code }: Scope): Evidence => ({
  ...(code === undefined ? {} : { [CODE_FUNCTION]: code.function }),
  ...(code?.file === undefined ? {} : { [CODE_FILE]: code.file }),
  ...(code?.line === undefined ? {} : { [CODE_LINE]: code.line }),
})
