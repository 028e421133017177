import * as Effect from "effect/Effect"
import * as FiberHandle from "effect/FiberHandle"
import { pairOf } from "../collected.ts"

export const pair = pairOf(
  "feeder-of-a-handle",
  Effect.map(FiberHandle.make(), (handle) => (polling) => FiberHandle.run(handle, polling)),
)
