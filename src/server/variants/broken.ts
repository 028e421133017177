import * as Effect from "effect/Effect"
import { tracedScope } from "../../../otel/index.ts"
import { Bus, frames } from "../bus.ts"

/** As reported: the handler subscribes in a nested scope, which closes when the handler returns. */
export const subscribe = Effect.gen(function* () {
  const bus = yield* Bus
  return frames(yield* bus.subscribeAll())
}).pipe(tracedScope("handler"))
