import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberSet from "effect/FiberSet"
import { pairOf } from "../collected.ts"

/** Another fiber has failed before it, and the collection passes on only the first failure. */
export const pair = pairOf(
  "second-of-a-set",
  Effect.gen(function* () {
    const all = yield* FiberSet.make()
    yield* Fiber.await(yield* FiberSet.run(all, Effect.fail("first")))
    return (polling) => FiberSet.run(all, polling)
  }),
)
