import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Bus, frames } from "../bus.ts"
import { Instance } from "../instance.ts"

/**
 * What OpenCode 1.14.48 did: subscribing is left to the body, and begins by looking up the instance,
 * which only the handler has.
 */
export const subscribe = Effect.gen(function* () {
  const bus = yield* Bus
  const deferred = Effect.gen(function* () {
    yield* Effect.sleep("1 millis") // the lookup was asynchronous: the first frame had left by then
    yield* Effect.contextWith((context: Context.Context<never>) =>
      Effect.sync(() => Context.getUnsafe(context, Instance)),
    )
    return frames(yield* bus.subscribeAll())
  })
  return Stream.unwrap(deferred)
})
