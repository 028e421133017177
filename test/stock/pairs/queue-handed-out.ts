import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { byAFiber, byItself, handOut, type Keeping } from "../handed-out.ts"
import type { Pair } from "../pair.ts"

/** Each client has a queue, which the program fills. */
const watch = Effect.fnUntraced(function* (keep: Keeping) {
  const helpers = yield* FiberSet.make()
  const acquire = Effect.gen(function* () {
    const queue = yield* Effect.acquireRelease(Queue.sliding<string>(16), Queue.shutdown)
    const fill = Effect.delay(Queue.offer(queue, "job"), "30 millis")
    yield* FiberSet.run(helpers, Effect.repeat(fill, { while: Boolean, times: 20 }))
    return Stream.fromQueue(queue)
  })
  return yield* handOut("/queue-handed-out", keep(acquire, helpers))
})

export const pair: Pair = {
  rule: "scope-closed-early",
  broken: watch(byAFiber),
  fixed: watch(byItself),
}
