import * as Effect from "effect/Effect"
import * as FiberMap from "effect/FiberMap"
import { pairOf } from "../collected.ts"

export const pair = pairOf(
  "feeder-of-a-map",
  Effect.map(FiberMap.make<string>(), (map) => (polling) => FiberMap.run(map, "all", polling)),
)
