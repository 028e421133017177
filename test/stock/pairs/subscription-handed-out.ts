import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { byAFiber, byItself, handOut, type Keeping } from "../handed-out.ts"
import type { Pair } from "../pair.ts"
import { ticking } from "../stage.ts"

/** Each client has a subscription to what the program publishes. */
const watch = Effect.fnUntraced(function* (keep: Keeping) {
  const helpers = yield* FiberSet.make()
  const bus = yield* PubSub.sliding<string>(16)
  yield* ticking(bus, "tick")
  const acquire = Effect.map(PubSub.subscribe(bus), (one) => Stream.fromSubscription(one))
  return yield* handOut("/subscription-handed-out", keep(acquire, helpers))
})

export const pair: Pair = {
  rule: "scope-closed-early",
  broken: watch(byAFiber),
  fixed: watch(byItself),
}
