import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberMap from "effect/FiberMap"
import { pairOf } from "../collected.ts"

/** Another fiber has failed before it, and the collection passes on only the first failure. */
export const pair = pairOf(
  "second-of-a-map",
  Effect.gen(function* () {
    const all = yield* FiberMap.make()
    yield* Fiber.await(yield* FiberMap.run(all, "first", Effect.fail("first")))
    return (polling) => FiberMap.run(all, "poll", polling)
  }),
)
