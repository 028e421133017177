import { spanName } from "../../attributes.ts"
import { codeEvidence } from "../code-evidence.ts"
import { oneLine, quotedError } from "../error-text.ts"
import { known } from "../known-evidence.ts"
import { type Exchange, isEventStream, type StreamRun } from "../model.ts"
import { doneIn } from "../place-text.ts"
import { lastToFail } from "../relations.ts"
import { ofEach, type Rule, type RuleHit } from "../rule.ts"
import { endOfBody } from "../shown-by.ts"
import { isPartOfStop } from "../stopped-before.ts"
import { formatMillis, type Micros, millisBetween, timesSince } from "../time.ts"

export const serverEndedStream: Rule<"server-ended-stream"> = {
  name: "server-ended-stream",
  severity: "error",
  symptom: "An event stream breaks off, although its client did not leave.",
  summary: "The server ended an event stream that it should have kept open.",
  meaning: `The body of an event stream failed. No disconnect and no shutdown came before, and none of
\`scope-closed-early\`, \`context-lost\` and \`upstream-bound-to-first-consumer\` explains it. This is the symptom that a
client sees, not its cause.

The rule ignores a body that ended normally, even if what it read was still open: \`Stream.take\` and similar end
streams on purpose, and leave the same spans. If only the client was seen, the rule applies to every end that the client
did not plan, as \`likely\`.`,
  suggestion: `Find out what ends the body: log its exit.

  events.pipe(
    Stream.tapCause((cause) => Effect.logError("stream ended", cause))
  )

If one event is enough to fail the stream, catch its error before it reaches the stream:

  Stream.mapEffect(events, (event) =>
    Effect.catch(encode(event), (error) => insteadOf(event, error))
  )`,
  incidents: [
    {
      title: "OpenCode #27391",
      url: "https://github.com/anomalyco/opencode/issues/27391",
      story: "What everybody saw: the event stream ended by itself.",
    },
  ],
  shownBy: {
    what: "an event stream that had ended",
    has: (exchange) => isEventStream(exchange) && endOfBody.has(exchange),
  },
  judge: (exchange, moment) => {
    if (!isEventStream(exchange)) return []
    if (exchange.endedBy === "client" || exchange.endedBy === "shutdown") return []
    if (exchange.streams.length === 0) return judgeBody(exchange)
    if (exchange.failed !== true) return []
    return ofEach(lastToFail(exchange), describe, exchange, moment)
  },
}

const describe = (exchange: Exchange, stream: StreamRun): ReadonlyArray<RuleHit> => {
  const { endedAt, failure, shutQueue } = stream
  if (endedAt === undefined || isPartOfStop(exchange, endedAt)) return []
  const { millis, text } = timesSince(exchange.startedAt)
  return [
    {
      confidence: "certain",
      ...(shutQueue === undefined ? {} : { suggestion: ofQueue }),
      operation: spanName.stream(stream.name),
      message:
        `Stream "${stream.name}" of ${exchange.route} failed with ` +
        `${quotedError(failure?.message ?? "an unknown error")} at ${text(endedAt)}: ${whatEnded(shutQueue, text)}, ` +
        "with no disconnect and no shutdown before.",
      evidence: {
        stream: stream.name,
        "stream.ended_ms": millis(endedAt),
        ...known({ "stream.exit": stream.exit }),
        "stream.events": stream.events,
        ...known({
          "exception.type": failure?.type,
          "exception.message": failure && oneLine(failure.message),
        }),
        ...(shutQueue === undefined ? {} : { "queue.ended_ms": millis(shutQueue.at) }),
        ...codeEvidence(shutQueue?.code),
      },
      stream: stream.span.spanId,
      spanIds: [stream.span.spanId],
      isForHandler: true,
    },
  ]
}

const whatEnded = (shutQueue: StreamRun["shutQueue"], text: (at: Micros) => string): string =>
  shutQueue === undefined
    ? "the server ended it"
    : `a queue that it read was shut down or interrupted at ${text(shutQueue.at)}` +
      doneIn("in", shutQueue.code)

/** Its client sees a connection that breaks. */
const ofQueue = `End the queue, and do not shut it down or interrupt it: then the stream ends well, after all that waits.

  const queue = yield* Queue.unbounded<Event, Cause.Done>()
  // when there is nothing more to say, not Queue.shutdown(queue)
  yield* Queue.end(queue)`

/** If the body was not traced, its failure ends up on the server span. */
const judgeBody = (exchange: Exchange): ReadonlyArray<RuleHit> => {
  const { endedAt, failure } = exchange
  if (failure === undefined || endedAt === undefined) return []
  if (isPartOfStop(exchange, endedAt)) return []
  const ended = millisBetween(exchange.startedAt, endedAt)
  return [
    {
      confidence: "certain",
      operation: exchange.handler?.name ?? exchange.name,
      message: `The event stream of ${exchange.route} failed with ${quotedError(failure.message)} at ${formatMillis(ended)}: the server ended it.`,
      evidence: {
        "exception.type": failure.type,
        "exception.message": oneLine(failure.message),
        "body.ended_ms": ended,
      },
      stream: exchange.span.spanId,
      spanIds: [exchange.span.spanId],
      isForHandler: true,
    },
  ]
}
