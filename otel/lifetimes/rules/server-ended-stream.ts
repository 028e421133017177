import { spanName } from "../../attributes.ts"
import type { Consumer, Exchange, Resource } from "../model.ts"
import type { Held, Rule } from "../rule.ts"
import { formatMillis, type Micros, millisBetween } from "../time.ts"

/**
 * An event stream was ended by the server, by failure or although what it read was still open. The
 * symptom that a client sees; any rule that explains the end speaks instead.
 */
export const serverEndedStream: Rule = {
  name: "server-ended-stream",
  severity: "error",
  summary: "The server ended an event stream that it should have kept open.",
  suggestion: `Find out what ends the body: log its exit, or put more of it under traced scopes and streams.

  events.pipe(Stream.tapCause((cause) => Effect.logError("event stream ended", cause)))`,
  judge: (exchange) => {
    if (!isEventStream(exchange)) return []
    if (exchange.endedBy === "client" || exchange.endedBy === "shutdown") return []
    return [
      ...exchange.consumers.flatMap((consumer) => judgeConsumer(exchange, consumer)),
      ...judgeBody(exchange),
    ]
  },
}

/** By what it says of itself: `text/event-stream`, with or without parameters. */
const isEventStream = (exchange: Exchange): boolean =>
  exchange.contentType?.toLowerCase().startsWith("text/event-stream") === true

const judgeConsumer = (exchange: Exchange, consumer: Consumer): ReadonlyArray<Held> => {
  const { endedAt } = consumer
  if (endedAt === undefined) return []
  if (consumer.endedBy === "failure") {
    const reason = `failed with "${consumer.failure?.message ?? "an unknown error"}"`
    return [describe(exchange, consumer, endedAt, reason, "certain")]
  }
  const open = exchange.resources.find((resource) => stillOpen(consumer, endedAt, resource))
  if (consumer.endedBy !== "upstream" || open === undefined) return []
  const reason = `ended although subscription "${open.name}" was still open`
  return [describe(exchange, consumer, endedAt, reason, "likely")]
}

const stillOpen = (consumer: Consumer, endedAt: Micros, resource: Resource): boolean =>
  consumer.reads.includes(resource.span.spanId) &&
  !resource.finished &&
  (resource.endedAt === undefined || resource.endedAt > endedAt)

const describe = (
  exchange: Exchange,
  consumer: Consumer,
  endedAt: Micros,
  reason: string,
  confidence: "certain" | "likely",
): Held => {
  const since = (time: Micros) => formatMillis(millisBetween(exchange.startedAt, time))
  return {
    confidence,
    operation: spanName.stream(consumer.name),
    message:
      `Stream "${consumer.name}" of ${exchange.route} ${reason} at ${since(endedAt)}: the server ` +
      "ended it, with no disconnect and no shutdown before.",
    evidence: {
      stream: consumer.name,
      "stream.ended_ms": millisBetween(exchange.startedAt, endedAt),
      "stream.exit": consumer.exit ?? "unknown",
      "stream.events": consumer.events,
      ...(consumer.failure === undefined
        ? {}
        : {
            "exception.type": consumer.failure.type,
            "exception.message": consumer.failure.message,
          }),
    },
    consumer: consumer.span.spanId,
    spanIds: [consumer.span.spanId],
  }
}

/** Where nobody traced the body: its failure ends up on the server span. */
const judgeBody = (exchange: Exchange): ReadonlyArray<Held> => {
  const { endedAt, failure } = exchange
  if (exchange.consumers.length > 0 || failure === undefined || endedAt === undefined) return []
  const ended = millisBetween(exchange.startedAt, endedAt)
  return [
    {
      confidence: "certain",
      operation: exchange.handler?.name ?? exchange.name,
      message: `The event stream of ${exchange.route} failed with "${failure.message}" at ${formatMillis(ended)}: the server ended it.`,
      evidence: {
        "exception.type": failure.type,
        "exception.message": failure.message,
        "body.ended_ms": ended,
      },
      consumer: exchange.span.spanId,
      spanIds: [exchange.span.spanId],
    },
  ]
}
