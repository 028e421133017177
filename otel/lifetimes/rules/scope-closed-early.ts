import { spanName } from "../../attributes.ts"
import type { Consumer, Exchange, Resource, Scope } from "../model.ts"
import type { Held, Rule } from "../rule.ts"
import { formatMillis, type Micros, millisBetween } from "../time.ts"

/**
 * A scope of the exchange released a resource before the stream that reads it had ended: the stream
 * ends at once, with exit `Success`, and nothing is logged. Reported as OpenCode #27391.
 */
export const scopeClosedEarly: Rule = {
  name: "scope-closed-early",
  severity: "error",
  summary: "A scope closed and released a resource that the response body still had to read.",
  suggestion: `Let the resource live as long as the body that reads it. Acquire it in the request's own
scope (drop the nested Effect.scoped), or in a scope that the request's scope closes:

  const connection = yield* Effect.acquireRelease(Scope.fork(application), Scope.close)
  const subscription = yield* PubSub.subscribe(bus).pipe(Scope.provide(connection))
  return HttpServerResponse.stream(Stream.fromSubscription(subscription))`,
  judge: (exchange) => exchange.consumers.flatMap((consumer) => judgeConsumer(exchange, consumer)),
}

const judgeConsumer = (exchange: Exchange, consumer: Consumer): ReadonlyArray<Held> => {
  if (consumer.endedAt === undefined) return []
  if (consumer.endedBy === "released" && consumer.endedByResource === undefined) {
    return endedByUnknownRelease(exchange, consumer, consumer.endedAt)
  }
  for (const resource of exchange.resources) {
    const held = judgeRelease(exchange, consumer, consumer.endedAt, resource)
    if (held !== undefined) return [held]
  }
  return []
}

const judgeRelease = (
  exchange: Exchange,
  consumer: Consumer,
  consumerEnd: Micros,
  resource: Resource,
): Held | undefined => {
  const closer = exchange.scopes.find((scope) => scope.span.spanId === resource.releasedBy)
  if (closer === undefined || resource.endedAt === undefined) return undefined
  const recorded =
    consumer.endedBy === "released" && consumer.endedByResource === resource.span.spanId
  if (!recorded && !timesSuggest(exchange, consumer, consumerEnd, resource)) return undefined
  const closedAt = closer.closedAt ?? resource.endedAt
  const since = (time: Micros) => formatMillis(millisBetween(exchange.startedAt, time))
  const state =
    consumer.startedAt > closedAt
      ? `had not yet begun to read it (it began at ${since(consumer.startedAt)})`
      : "was still reading it"
  return {
    confidence: recorded ? "certain" : "likely",
    operation: spanName.scope(closer.name),
    message:
      `Scope "${closer.name}" closed at ${since(closedAt)} and released subscription ` +
      `"${resource.name}" while stream "${consumer.name}" ${state}; the stream ended at ` +
      `${since(consumerEnd)} after ${countEvents(consumer)}, and its client saw a clean end.`,
    evidence: {
      scope: closer.name,
      "scope.closed_ms": millisBetween(exchange.startedAt, closedAt),
      resource: resource.name,
      "resource.released_ms": millisBetween(exchange.startedAt, resource.endedAt),
      stream: consumer.name,
      "stream.started_ms": millisBetween(exchange.startedAt, consumer.startedAt),
      "stream.ended_ms": millisBetween(exchange.startedAt, consumerEnd),
      "stream.exit": consumer.exit ?? "unknown",
      "resource.delivered": resource.delivered,
    },
    consumer: consumer.span.spanId,
    spanIds: [closer.span.spanId, resource.span.spanId, consumer.span.spanId],
  }
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
  const closer = exchange.scopes
    .filter((scope) => scope.role !== "request" && isClosedBefore(scope, consumerEnd))
    .at(-1)
  if (closer === undefined) return []
  const since = (time: Micros) => formatMillis(millisBetween(exchange.startedAt, time))
  const closedAt = closer.closedAt ?? consumerEnd
  return [
    {
      confidence: "likely",
      operation: spanName.scope(closer.name),
      message:
        `Stream "${consumer.name}" ended at ${since(consumerEnd)} on an interrupt that its own ` +
        `fiber did not receive, after scope "${closer.name}" had closed at ${since(closedAt)}: ` +
        "what it read was probably released with that scope.",
      evidence: {
        scope: closer.name,
        "scope.closed_ms": millisBetween(exchange.startedAt, closedAt),
        stream: consumer.name,
        "stream.ended_ms": millisBetween(exchange.startedAt, consumerEnd),
      },
      consumer: consumer.span.spanId,
      spanIds: [closer.span.spanId, consumer.span.spanId],
    },
  ]
}

const isClosedBefore = (scope: Scope, time: Micros): boolean =>
  scope.closedAt !== undefined && scope.closedAt <= time

const countEvents = (consumer: Consumer): string =>
  consumer.events === 1 ? "1 event" : `${consumer.events} events`
