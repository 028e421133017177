import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as PubSub from "effect/PubSub"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse, ticking } from "../stage.ts"

type Handler = Effect.Effect<HttpServerResponse.HttpServerResponse, never, Scope.Scope>

/** A client watches; its handler subscribes in a scope of some kind. */
const watch = Effect.fnUntraced(function* (within: (handler: Handler) => Handler) {
  const bus = yield* PubSub.sliding<string>(64)
  yield* ticking(bus, "tick")
  const subscribe = Effect.fn("subscribe")(function* () {
    return yield* within(
      Effect.map(PubSub.subscribe(bus), (subscription) =>
        sse(Stream.concat(Stream.make("hello"), Stream.fromSubscription(subscription))),
      ),
    )
  })
  const url = yield* serve(HttpRouter.add("GET", "/scope-closed-early", subscribe()))
  const client = yield* connected(`${url}/scope-closed-early`)
  const right = yield* client.until(({ events }) => events.includes("tick"))
  yield* client.leave
  yield* settle
  return right
})

export const pair: Pair = {
  report: "anomalyco/opencode#27391",
  rule: "scope-closed-early",
  place: "subscribe",
  broken: watch((handler) => Effect.scoped(handler)),
  fixed: watch((handler) => handler),
}
