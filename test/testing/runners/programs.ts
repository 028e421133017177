import { Effect, Scope } from "effect"

const holding = Effect.addFinalizer(() => Effect.void)

/** Leaves a scope open. */
export const leaking = Effect.fn("openWorker")(function* () {
  const scope = yield* Scope.make()
  yield* Scope.provide(holding, scope)
  yield* Effect.sleep(50)
})

/** Opens scopes all the time, and closes them. */
export const tidy = Effect.scoped(Effect.andThen(holding, Effect.sleep(10))).pipe(
  Effect.repeat({ times: 20 }),
)
