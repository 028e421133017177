import { type Exchange, isEventStream } from "../model.ts"
import type { Rule, RuleHit } from "../rule.ts"
import { stalledSince } from "../stalled-since.ts"
import { formatMillis, type Micros, millisBetween, timesSince } from "../time.ts"

export const shutdownHeldOpen: Rule<"shutdown-held-open"> = {
  name: "shutdown-held-open",
  severity: "warning",
  symptom:
    "A server gets the signal to stop and does not stop, or something kills it because it takes too long.",
  summary: "The program waited for an event stream that nothing ends.",
  meaning: `A server began to stop while an event stream was open. The stream went on for longer than the grace period,
until the server gave up waiting and interrupted it. It is \`certain\`. Scopeline records the moment at which the server
began to wait, so other slow work during the stop does not count.

Healthy: a body that ends by itself, even if that takes long, and a body that is interrupted at once.`,
  suggestion: `End what the streams read before the server closes. Finalizers run in the opposite order, so
this one belongs into a Layer on top of the server's. In the Layer of a route or of the bus it runs too late:

  const endStreams = Layer.effectDiscard(
    Effect.flatMap(Bus, (bus) =>
      Effect.addFinalizer(() => PubSub.shutdown(bus))
    )
  )
  const app = endStreams.pipe(
    Layer.provide(server),    // an HttpRouter.serve
    Layer.provide(Bus.layer)  // one for both
  )
  Layer.launch(app)

or do not wait for streams that have no end:

  NodeHttpServer.layer(createServer, {
    port,
    gracefulShutdownTimeout: "100 millis" // 20 s by default
  })`,
  incidents: [
    {
      title: "hyper #2787",
      url: "https://github.com/hyperium/hyper/issues/2787",
      story:
        "A graceful shutdown waited for streams that had no end, and so never came to its own.",
    },
  ],
  shownBy: {
    what: "an event stream that had ended while its client was there",
    has: (exchange) =>
      isEventStream(exchange) && exchange.endedAt !== undefined && exchange.endedBy !== "client",
  },
  judge: (exchange, { grace }) => {
    const { stopBeganAt, endedAt } = exchange
    if (stopBeganAt === undefined || endedAt === undefined || !isEventStream(exchange)) return []
    const since = Math.max(stopBeganAt, exchange.startedAt)
    return endedAt - since > grace + stalledSince(since, exchange)
      ? [describe(exchange, since, endedAt)]
      : []
  },
}

const describe = (exchange: Exchange, since: Micros, endedAt: Micros): RuleHit => {
  const { millis, text } = timesSince(exchange.startedAt)
  const body = exchange.streams.findLast((stream) => stream.endedBy === "shutdown")
  return {
    confidence: "certain",
    operation: exchange.name,
    message:
      `The server began to stop at ${text(since)}, and the event stream of ${exchange.route} was ` +
      `open for another ${formatMillis(millisBetween(since, endedAt))}, until it was interrupted: ` +
      "nothing ended it.",
    evidence: {
      "stop.began_ms": millis(since),
      "exchange.ended_ms": millis(endedAt),
      ...(body === undefined ? {} : { stream: body.name, "stream.events": body.events }),
    },
    stream: undefined,
    spanIds: [exchange.span.spanId],
    isForHandler: true,
  }
}
