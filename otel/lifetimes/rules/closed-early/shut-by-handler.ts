/** Without a scope: the handler itself took away what the body had to read, before it returned the body. */
import { spanName } from "../../../attributes.ts"
import { codeEvidence } from "../../code-evidence.ts"
import type { CodeLocation, Exchange, StreamRun } from "../../model.ts"
import { doneIn } from "../../place-text.ts"
import { readBy } from "../../relations.ts"
import type { RuleHit } from "../../rule.ts"
import { pubsubText, resourceText } from "../../subscription-text.ts"
import { type Micros, timesSince } from "../../time.ts"
import { endedWithSource, outcome } from "./stream-end.ts"

export const shutByHandler = (
  exchange: Exchange,
  stream: StreamRun,
  streamEnd: Micros,
): RuleHit | undefined => {
  const taken = takenQueue(stream) ?? takenPubSubs(exchange, stream)
  return taken && describe(exchange, stream, streamEnd, taken)
}

interface Taken {
  readonly text: string
  readonly resource: string
  readonly at: Micros
  readonly code: CodeLocation | undefined
  readonly spanIds: ReadonlyArray<string>
}

const takenQueue = ({ endedBy, shutQueue }: StreamRun): Taken | undefined => {
  if (endedBy !== "failure" || shutQueue?.byHandler !== true) return undefined
  const { at, code } = shutQueue
  return { text: "the queue", resource: "queue", at, code, spanIds: [] }
}

/** The stream had nothing else to read. */
const takenPubSubs = (exchange: Exchange, stream: StreamRun): Taken | undefined => {
  if (stream.reads.length === 0 || !endedWithSource(stream)) return undefined
  const subscriptions = readBy(exchange, stream)
  const [first] = subscriptions
  if (first?.sourceEnd === undefined || subscriptions.length < stream.reads.length) return undefined
  const isTaken = subscriptions.every(
    ({ sourceEnd }) => sourceEnd?.byHandler === true && sourceEnd.how === "shutdown",
  )
  if (!isTaken) return undefined
  const { at, code } = first.sourceEnd
  return {
    text: pubsubText(first),
    resource: resourceText(first),
    at,
    code,
    spanIds: [first.span.spanId],
  }
}

const describe = (
  exchange: Exchange,
  stream: StreamRun,
  streamEnd: Micros,
  { text, resource, at, code, spanIds }: Taken,
): RuleHit => {
  const { millis, text: when } = timesSince(exchange.startedAt)
  return {
    confidence: "certain",
    suggestion,
    operation: spanName.stream(stream.name),
    message:
      `The handler shut ${text} down at ${when(at)}${doneIn("in", code)}, before it returned the body. ` +
      `Stream "${stream.name}" had to read that; ${outcome(exchange, stream, streamEnd)}.`,
    evidence: {
      resource,
      "resource.shut_ms": millis(at),
      ...codeEvidence(code),
      stream: stream.name,
      "stream.started_ms": millis(stream.startedAt),
      "stream.ended_ms": millis(streamEnd),
      "stream.exit": stream.exit ?? "unknown",
    },
    stream: stream.span.spanId,
    spanIds: [...spanIds, stream.span.spanId],
  }
}

const suggestion = `Let the request's own scope shut it down, and not the handler: that scope closes when the body has ended.

  // not Effect.acquireUseRelease(makeQueue, respond, Queue.shutdown),
  // and not Effect.ensuring(respond, Queue.shutdown(queue))
  const queue = yield* Effect.acquireRelease(makeQueue, Queue.shutdown)
  return HttpServerResponse.stream(Stream.fromQueue(queue))`
