import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import { pairOf } from "../collected.ts"

export const pair = pairOf(
  "feeder-of-a-set",
  Effect.map(FiberSet.make(), (set) => (polling) => FiberSet.run(set, polling)),
)
