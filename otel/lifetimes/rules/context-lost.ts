import { spanName } from "../../attributes.ts"
import { oneLine, quotedError } from "../error-text.ts"
import { known } from "../known-evidence.ts"
import { missingContext } from "../missing-context.ts"
import type { Exchange, StreamRun } from "../model.ts"
import { lastToFail } from "../relations.ts"
import { NotYet, ofEach, type Rule, type RuleHit } from "../rule.ts"
import { endOfBody } from "../shown-by.ts"
import { isCall } from "../spans/exchange-name.ts"
import { timesSince } from "../time.ts"

export const contextLost: Rule<"context-lost"> = {
  name: "context-lost",
  severity: "error",
  symptom:
    "A client gets a 200, and then its connection breaks, in most cases before the first event.",
  summary: "The response body looked up a service or context that only its handler had.",
  meaning: `The handler deferred work into the response body. After the handler had returned, that work failed: the
fiber that runs the body lacks a service or a context.

- \`certain\`: the failure is a defect that ended the body, or another tracer's span says that the handler ended well.
- \`likely\`: all other cases, and streams of calls over RPC. Such a stream must have sent an element before it fails.
- A warning, \`likely\`: the body got the default of a Reference for which its handler had set another value. A
  Reference does not fail, and a handler may set a value for only a part of its work.

Healthy: a typed error that only reads like a missing service, and a failure that the body survived. Both are
intended.`,
  suggestion: `Look the context up in the handler and close over it, or provide it to the stream:

  const instance = yield* Instance   // in the handler, not in the body
  return HttpServerResponse.stream(
    events.pipe(Stream.provideService(Instance, instance))
  )`,
  incidents: [
    {
      title: "OpenCode #27391",
      url: "https://github.com/anomalyco/opencode/pull/27425",
      story:
        "What it really was: `bus.subscribeAll()` was lazy, ran in the fiber that writes the body, and " +
        "looked up an instance which only the handler had (fixed by #27425).",
    },
    {
      title: "sse-starlette #103",
      url: "https://github.com/sysid/sse-starlette/issues/103",
      story: "The body of a response did not see the context variables that its request had set.",
    },
  ],
  shownBy: endOfBody,
  judge: (exchange, moment) => {
    const failed =
      exchange.streams.length === 0
        ? judgeBody(exchange)
        : ofEach(lastToFail(exchange), judgeStream, exchange, moment)
    return failed instanceof NotYet || failed.length > 0 ? failed : judgeDefault(exchange)
  },
}

/** The body goes on, with a value that is not its request's. */
const judgeDefault = (exchange: Exchange): ReadonlyArray<RuleHit> => {
  const { defaultRead, handlerReturnedAt, route } = exchange
  if (defaultRead === undefined) return []
  const { millis, text } = timesSince(exchange.startedAt)
  const { at, reference } = defaultRead
  return [
    {
      confidence: "likely", // a handler may set one for a part of its work
      severity: "warning",
      operation: exchange.name,
      message:
        `The body of ${route} asked for the Reference "${reference}" at ${text(at)} and was given its ` +
        "default: the handler had a value of its own, and what runs the body does not have it.",
      evidence: {
        reference,
        "default.read_ms": millis(at),
        ...(handlerReturnedAt === undefined
          ? {}
          : { "handler.returned_ms": millis(handlerReturnedAt) }),
      },
      stream: undefined,
      spanIds: [exchange.span.spanId],
      isForHandler: true,
    },
  ]
}

/** The handler of a call gives a stream, and no response. */
const ofCall = `Look the context up before the stream begins, and provide it to the stream:

  Stream.unwrap(
    Effect.map(Instance, (instance) =>
      events.pipe(Stream.provideService(Instance, instance))
    )
  )`

const judgeStream = (exchange: Exchange, stream: StreamRun): ReadonlyArray<RuleHit> => {
  const lost = missingContext(stream.failure)
  const { endedAt } = stream
  if (lost === undefined || endedAt === undefined) return []
  // What opens the stream of a call may be part of the call: it is over when something was sent.
  const isOfCall = isCall(exchange.route)
  const openedAt = isOfCall ? stream.firstEventAt : exchange.handlerReturnedAt
  if (openedAt === undefined || openedAt > endedAt) return []
  // A typed error only looks like one, and a failure that the body survived was intended.
  if (stream.failure?.defect === false || exchange.failed !== true) return []
  const { millis, text } = timesSince(exchange.startedAt)
  const { message = "" } = stream.failure ?? {}
  return [
    {
      confidence: stream.failure?.defect === true && !isOfCall ? "certain" : "likely",
      ...(isOfCall ? { suggestion: ofCall } : {}),
      operation: spanName.stream(stream.name),
      message:
        `Stream "${stream.name}" failed at ${text(endedAt)} with ${quotedError(message)}: ` +
        (isOfCall
          ? `it had sent its first element at ${text(openedAt)}, and what runs it has no "${lost}".`
          : `the handler had returned its response at ${text(openedAt)}, and what runs the body has ` +
            `no "${lost}".`),
      evidence: {
        ...known({ "exception.type": stream.failure?.type }),
        "exception.message": oneLine(message),
        missing: lost,
        [isOfCall ? "stream.first_event_ms" : "handler.returned_ms"]: millis(openedAt),
        "stream.started_ms": millis(stream.startedAt),
        "stream.ended_ms": millis(endedAt),
        "stream.events": stream.events,
      },
      stream: stream.span.spanId,
      spanIds: [stream.span.spanId],
      isForHandler: true,
    },
  ]
}

/** If the body was not traced, its failure ends up on the server span, after the handler's end. */
const judgeBody = (exchange: Exchange): ReadonlyArray<RuleHit> => {
  const { endedAt, failure, handler, status } = exchange
  const lost = missingContext(failure)
  if (lost === undefined || failure === undefined || endedAt === undefined) return []
  if (status === undefined || status >= 500) return []
  if (handler !== undefined && !handler.succeeded) return []
  const { millis, text } = timesSince(exchange.startedAt)
  const ended = handler?.endedAt
  const known = ended !== undefined && handler !== undefined
  const handlerEnd = known
    ? `its handler "${handler.name}" had ended well at ${text(ended)}`
    : "its head had been sent"
  return [
    {
      confidence: known ? "certain" : "likely",
      operation: handler?.name ?? exchange.name,
      message:
        `The body of ${exchange.route} failed at ${text(endedAt)} with ${quotedError(failure.message)} after ` +
        `${handlerEnd} with status ${status}: what runs the body has no "${lost}".`,
      evidence: {
        "exception.type": failure.type,
        "exception.message": oneLine(failure.message),
        missing: lost,
        "http.response.status_code": status,
        ...(known ? { "handler.ended_ms": millis(ended) } : {}),
        "body.ended_ms": millis(endedAt),
      },
      stream: exchange.span.spanId,
      spanIds: [...(known ? [handler.span.spanId] : []), exchange.span.spanId],
      isForHandler: true,
    },
  ]
}
