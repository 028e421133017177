/** Whether the seam sees who joins a FiberSet, a FiberMap or a FiberHandle. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberHandle from "effect/FiberHandle"
import * as FiberMap from "effect/FiberMap"
import * as FiberSet from "effect/FiberSet"
import { isUnheard, watchCollections } from "./fiber-collections.ts"

/** A fiber of each collection fails: first of one that nobody joins, then of one that somebody does. */
export const collections: Effect.Effect<boolean> = Effect.gen(function* () {
  const unheard: Array<string> = []
  const failing = Effect.fnUntraced(function* (name: string, joined: boolean) {
    const failure = yield* Deferred.make<void, string>()
    const wait = Deferred.await(failure)
    const set = yield* FiberSet.make<void, string>()
    const map = yield* FiberMap.make<string, void, string>()
    const handle = yield* FiberHandle.make<void, string>()
    const fibers = [
      yield* FiberSet.run(set, wait),
      yield* FiberMap.run(map, name, wait),
      yield* FiberHandle.run(handle, wait),
    ]
    const joins = [FiberSet.join(set), FiberMap.join(map), FiberHandle.join(handle)]
    if (joined) for (const join of joins) yield* Effect.forkChild(join, { startImmediately: true })
    yield* Deferred.fail(failure, "failure")
    for (const fiber of fibers) {
      if (isUnheard(yield* Fiber.await(fiber))) unheard.push(name)
    }
  }, Effect.scoped)
  watchCollections()
  yield* failing("alone", false)
  yield* failing("joined", true)
  return unheard.join() === "alone,alone,alone"
})
