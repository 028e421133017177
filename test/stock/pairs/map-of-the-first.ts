import * as Effect from "effect/Effect"
import * as FiberMap from "effect/FiberMap"
import * as Scope from "effect/Scope"
import type { Pair } from "../pair.ts"
import { watchWork } from "../shared-work.ts"

/** A FiberMap keeps the fiber that works it out: of the first request, or of the program. */
const inMap = Effect.fnUntraced(function* (work: Effect.Effect<string>) {
  const works = yield* FiberMap.make<string, string>()
  return yield* FiberMap.run(works, "result", work)
})

export const pair: Pair = {
  rule: "upstream-bound-to-first-consumer",
  broken: watchWork("/map-of-the-first", inMap),
  fixed: watchWork("/map-of-the-first", (work, program) => Scope.provide(inMap(work), program)),
}
