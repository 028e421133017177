import * as Effect from "effect/Effect"
import * as HttpEffect from "effect/http/HttpEffect"
import * as HttpRouter from "effect/http/HttpRouter"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { subscribeTraced, tracedPubSub } from "../../otel/index.ts"
import { requestScopeLeak } from "../../otel/lifetimes/rules/request-scope-leak.ts"
import type { Scenario } from "./scenario.ts"
import { ask, gracePassed, serving, sse } from "./stage.ts"

/** Somebody asks for the head of an event stream, as monitors do. */
const monitor = Effect.fnUntraced(function* (
  finish: (
    response: HttpServerResponse.HttpServerResponse,
  ) => HttpServerResponse.HttpServerResponse,
) {
  const bus = yield* PubSub.sliding<string>(64).pipe(tracedPubSub("bus"))
  const handler = Effect.map(subscribeTraced(bus), (subscription) =>
    finish(sse("event", Stream.fromSubscription(subscription))),
  )
  const server = yield* serving(HttpRouter.add("GET", "/event", handler))
  yield* ask(`${server}/event`, "HEAD")
  yield* gracePassed
})

export const scenario: Scenario = {
  rule: requestScopeLeak,
  summary: "A handler leaves closing the request's scope to the body, and HEAD has no body.",
  repair: "The response is returned as it is: the server closes the request's scope, for HEAD too.",
  // The body is to close the request's scope when it ends; of HEAD it never begins.
  broken: monitor(HttpEffect.scopeTransferToStream),
  // The server closes it, as it does anyway.
  fixed: monitor((response) => response),
}
