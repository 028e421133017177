import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as PubSub from "effect/PubSub"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { byAFiber, byItself, handOut, type Keeping, type Source } from "../handed-out.ts"
import type { Pair } from "../pair.ts"
import { ticking } from "../stage.ts"

/** The first client begins a PubSub for all. */
const watch = Effect.fnUntraced(function* (keep: Keeping) {
  const helpers = yield* FiberSet.make()
  const program = yield* Effect.scope
  const acquire = Effect.gen(function* () {
    const bus = yield* Effect.acquireRelease(PubSub.sliding<string>(16), PubSub.shutdown)
    yield* Scope.provide(ticking(bus, "tick"), program)
    return bus
  })
  let kept: Source<PubSub.PubSub<string>> | undefined
  const shared = Effect.gen(function* () {
    kept ??= yield* Scope.provide(keep(acquire, helpers), program)
    const subscription = yield* PubSub.subscribe(kept.source)
    return { ...kept, source: Stream.fromSubscription(subscription) }
  })
  return yield* handOut("/pubsub-handed-out", shared)
})

export const pair: Pair = {
  rule: "upstream-bound-to-first-consumer",
  broken: watch(byAFiber),
  fixed: watch(byItself),
}
