import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse } from "../stage.ts"

/** Each client subscribes under a time limit, in a scope that is made for it and that nobody or its request closes. */
const watch = Effect.fnUntraced(function* (own: Effect.Effect<Scope.Scope, never, Scope.Scope>) {
  const bus = yield* PubSub.bounded<string>(2)
  const subscribe = Effect.fn("subscribe")(function* () {
    return yield* Scope.provide(PubSub.subscribe(bus), yield* own)
  })
  const open = Effect.fn("open")(function* () {
    const subscription = yield* Effect.timeout(subscribe(), "1 second")
    return sse(Stream.concat(Stream.make("hello"), Stream.fromSubscription(subscription)))
  })
  const url = yield* serve(HttpRouter.add("GET", "/scope-of-a-race", open()))
  for (let one = 0; one < 2; one++) {
    const client = yield* connected(`${url}/scope-of-a-race`)
    yield* client.leave
  }
  yield* settle
  // Nobody reads: it waits for ever where a subscription is left.
  const published = yield* PubSub.publishAll(bus, ["a", "b", "c"]).pipe(
    Effect.timeoutOption("100 millis"),
  )
  yield* settle
  return published._tag === "Some"
})

export const pair: Pair = {
  rule: "request-scope-leak",
  place: "subscribe",
  broken: watch(Scope.make()),
  fixed: watch(Effect.acquireRelease(Scope.make(), Scope.close)),
}
