import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse, ticking } from "../stage.ts"

type Subscribed = Effect.Effect<PubSub.Subscription<string>, never, Scope.Scope>

/** A handler asks the program's runtime for its subscription, on a fiber that knows nothing of the request. */
const watch = Effect.fnUntraced(function* (
  keep: (subscribe: Subscribed, request: Scope.Scope) => Effect.Effect<PubSub.Subscription<string>>,
) {
  const runPromise = Effect.runPromiseWith(yield* Effect.context())
  const bus = yield* PubSub.sliding<string>(64)
  yield* ticking(bus, "tick")
  const handler = Effect.fn("handler")(function* () {
    const request = yield* Effect.scope
    const subscribed = yield* Effect.promise(() => runPromise(keep(PubSub.subscribe(bus), request)))
    return sse(Stream.fromSubscription(subscribed))
  })
  const url = yield* serve(HttpRouter.add("GET", "/subscribed-by-a-promise", handler()))
  const client = yield* connected(`${url}/subscribed-by-a-promise`)
  const right = yield* client.until(({ events, end }) => events.length > 2 || end !== "open")
  const { length } = client.events
  yield* client.leave
  yield* settle
  return right && length > 2
})

export const pair: Pair = {
  rule: "scope-closed-early",
  broken: watch((subscribe) => Effect.scoped(subscribe)),
  fixed: watch((subscribe, request) => Scope.provide(subscribe, request)),
}
