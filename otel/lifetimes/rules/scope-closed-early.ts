import type { Exchange, StreamRun } from "../model.ts"
import { scopeOf } from "../relations.ts"
import { all, ofEach, type Rule, type RuleHit } from "../rule.ts"
import { endOfStream } from "../shown-by.ts"
import { isPartOfStop } from "../stopped-before.ts"
import type { Micros } from "../time.ts"
import { askedTooLate } from "./closed-early/asked-too-late.ts"
import { releasedBefore, sourceShutDownBefore } from "./closed-early/closed-before.ts"
import { failedBody, failedHandler } from "./closed-early/failed-body.ts"
import { interruptedWork } from "./closed-early/interrupted-work.ts"
import { queueShutDown } from "./closed-early/queue-shut-down.ts"
import { releasedSubscription } from "./closed-early/released-subscription.ts"
import { shutByHandler } from "./closed-early/shut-by-handler.ts"
import { isClosedAtEnd, isClosedOnPurpose } from "./closed-early/stream-end.ts"
import { releasedUnknown } from "./closed-early/unknown-resource.ts"

export const scopeClosedEarly: Rule<"scope-closed-early"> = {
  name: "scope-closed-early",
  severity: "error",
  symptom:
    "A client gets a 200, perhaps with a first event, and then its stream ends. Nothing is logged.",
  summary: "A scope closed and released a resource that the response body still had to read.",
  meaning: `A scope released something that the response body still had to read. In most cases the body ends at
once, with exit \`success\`, and nothing is logged.

- **A subscription.** A scope of the exchange released it before the stream that reads it had ended, while the stream
  was running or had not begun. Or a scope of the program had released it before the request began. \`certain\` if it is
  recorded that the stream met that release, and \`likely\` if only the times suggest it, or if that scope is not recorded.
- **A Queue.** A finalizer of a scope shut it down under the stream that reads it.
- **A Queue or a PubSub without a scope.** The handler itself shut it down before it returned the body, as with
  \`Effect.acquireUseRelease\` or \`Effect.ensuring\`. \`certain\`. A PubSub that others made is closed for all on purpose.
- **Something that Scopeline does not see.** The body ended on an interrupt that its own fiber did not receive, after a
  nested scope had closed, or in a scope that had closed before the request entered it: \`likely\`.
- **A PubSub that was shut down before.** A scope of the program shut it down before the request began, because a Layer
  was provided too early. Or a nested scope did so before the handler returned, such as one that held an RcRef.
  \`certain\`.
- **A file, a cursor, a connection.** The body failed within 100 ms, and what the handler had acquired was released when
  the body began. The closed scope enclosed what made the body, or closed before the handler entered it. Or a handler
  without a stream failed with a status of 500 or more, and had acquired something in a scope that had closed before the
  handler entered it. \`likely\`.
- **A fiber.** A handler or a body waited for a fiber, or for its result. A scope of the exchange interrupted that fiber,
  or a scope of the program did so before the request began. The handler or body failed with that interrupt: \`certain\`.
- **A call over RPC, or a WebSocket.** It has no body. It asked for messages of a subscription after a nested scope had
  released it. Then the server ended the call, or the socket stayed open for longer than the grace period: \`likely\`.

A finding is \`likely\` if another fiber closed the scope after the handler had returned: that may be on purpose. Healthy:
the client left or the program began to stop before the scope closed. Also healthy: another fiber of the exchange ends the stream
and closes the scope that was forked for it. Or a fiber of the program closes its own scope with success, after it gave
events to its readers when the handler had returned.`,
  suggestion: `Remove the Effect.scoped around what acquires the resource. It then belongs to the request's own scope,
which lives as long as the body:

  // not Effect.scoped(handler)
  const subscription = yield* PubSub.subscribe(bus)
  return HttpServerResponse.stream(
    Stream.fromSubscription(subscription)
  )

If it has to be in another scope, fork that scope and close it with the request:

  const connection = yield* Effect.acquireRelease(
    Scope.fork(application),
    Scope.close
  )
  const subscription = yield* PubSub.subscribe(bus).pipe(
    Scope.provide(connection)
  )

If the scope had closed before the request began, provide its Layer to the server, and not to an effect that
only makes the routes.`,
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
    {
      title: "alchemy-run/alchemy #308",
      url: "https://github.com/alchemy-run/alchemy/issues/308",
      story:
        "Each request was given the scope of the start, which had closed: what it registered there was " +
        "released at once.",
    },
  ],
  shownBy: endOfStream,
  judge: (exchange, moment) => {
    const interrupted = interruptedWork(exchange) ?? failedHandler(exchange)
    return interrupted === undefined
      ? all(
          ofEach(exchange.streams, judgeStream, exchange, moment),
          ofEach(exchange.subscriptions, askedTooLate, exchange, moment),
        )
      : [interrupted]
  },
}

const judgeStream = (exchange: Exchange, stream: StreamRun): ReadonlyArray<RuleHit> => {
  const { endedAt, endedBy, endedByForeign, shutQueue } = stream
  if (endedAt === undefined || !isBody(exchange, endedAt)) return []
  if (endedBy === "released" && shutQueue?.by !== undefined) {
    const { at, by } = shutQueue
    const closer = scopeOf(exchange, by.span.spanId)
    if (isClosedOnPurpose(exchange, closer) || isClosedAtEnd(stream, closer)) return []
    if (closer === undefined && isPartOfStop(exchange, at)) return []
    return [queueShutDown(exchange, stream, endedAt, { at, by })]
  }
  if (endedBy === "released" && stream.endedBySubscription === undefined) {
    return releasedUnknown(exchange, stream, endedAt)
  }
  if (endedBy === "released" && endedByForeign?.belongsTo === "the program") {
    const { releasedFor = 0 } = endedByForeign
    // If the program closes something while somebody reads it, that is on purpose.
    if (endedAt - releasedFor > Math.max(exchange.startedAt, stream.startedAt)) return []
    if (isPartOfStop(exchange, endedAt - releasedFor)) return []
    return [releasedBefore(exchange, stream, endedAt, endedByForeign)]
  }
  const held =
    shutByHandler(exchange, stream, endedAt) ??
    sourceShutDownBefore(exchange, stream, endedAt) ??
    releasedSubscription(exchange, stream, endedAt) ??
    failedBody(exchange, stream, endedAt)
  return held === undefined ? [] : [held]
}

/** What a handler reads before it returns does not concern the body. */
const isBody = ({ handlerReturnedAt }: Exchange, streamEnd: Micros): boolean =>
  handlerReturnedAt === undefined || streamEnd >= handlerReturnedAt
