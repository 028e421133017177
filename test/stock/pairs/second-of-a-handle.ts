import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberHandle from "effect/FiberHandle"
import { pairOf } from "../collected.ts"

/** Another fiber has failed before it, and the collection passes on only the first failure. */
export const pair = pairOf(
  "second-of-a-handle",
  Effect.gen(function* () {
    const all = yield* FiberHandle.make()
    yield* Fiber.await(yield* FiberHandle.run(all, Effect.fail("first")))
    return (polling) => FiberHandle.run(all, polling)
  }),
)
