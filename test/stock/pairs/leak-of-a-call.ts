import * as Effect from "effect/Effect"
import * as PubSub from "effect/PubSub"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { calling } from "../calling.ts"
import type { Pair } from "../pair.ts"
import { settle, ticking } from "../stage.ts"

/** Each call subscribes, in the scope of the application or in that of its stream. */
const call = Effect.fnUntraced(function* (
  inScope: <A>(
    subscribing: Effect.Effect<A, never, Scope.Scope>,
    application: Scope.Scope,
  ) => Effect.Effect<A, never, Scope.Scope>,
) {
  const application = yield* Effect.scope
  const bus = yield* PubSub.sliding<string>(64)
  yield* ticking(bus, "tick")
  let open = 0
  const subscribe = Effect.fn("subscribe")(function* () {
    yield* Effect.acquireRelease(
      Effect.sync(() => open++),
      () => Effect.sync(() => open--),
    )
    return Stream.fromSubscription(yield* PubSub.subscribe(bus))
  })
  const ticks = yield* calling("/leak-of-a-call", Stream.unwrap(inScope(subscribe(), application)))
  for (let one = 0; one < 3; one++) yield* Stream.runDrain(Stream.take(ticks, 3))
  yield* settle
  return open === 0
})

export const pair: Pair = {
  rule: "subscription-leak",
  place: "subscribe",
  alone: true,
  broken: call((subscribing, application) => Scope.provide(subscribing, application)),
  fixed: call((subscribing) => subscribing),
}
