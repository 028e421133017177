import * as Effect from "effect/Effect"
import * as PubSub from "effect/PubSub"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { calling } from "../calling.ts"
import type { Pair } from "../pair.ts"
import { settle, ticking } from "../stage.ts"

/** A call subscribes, in a scope that closes before its stream begins or in that of the stream. */
const call = Effect.fnUntraced(function* (
  around: <A>(
    subscribing: Effect.Effect<A, never, Scope.Scope>,
  ) => Effect.Effect<A, never, Scope.Scope>,
) {
  const bus = yield* PubSub.sliding<string>(64)
  yield* ticking(bus, "tick")
  const subscribe = Effect.fn("subscribe")(function* () {
    return Stream.fromSubscription(yield* PubSub.subscribe(bus))
  })
  const ticks = yield* calling("/scope-of-a-call", Stream.unwrap(around(subscribe())))
  const received = yield* Stream.runCollect(Stream.take(ticks, 3))
  yield* settle
  return received.length === 3
})

export const pair: Pair = {
  rule: "scope-closed-early",
  place: "subscribe",
  alone: true,
  broken: call(Effect.scoped),
  fixed: call((subscribing) => subscribing),
}
