import { strictEqual } from "node:assert"
import { Effect, Latch, Scope } from "effect"

const holding = Effect.addFinalizer(() => Effect.void)

/** The two run beside each other: one opens its scope first, and ends after the other has closed its own. */
const [opened, closed] = [Latch.makeUnsafe(), Latch.makeUnsafe()]

/** Leaves a scope open. */
export const leaking = Effect.fn("openWorker")(function* () {
  const scope = yield* Scope.make()
  yield* Scope.provide(holding, scope)
  yield* opened.open
  yield* closed.await
})

/** Leaves a scope open, and fails by itself. */
export const asserting = Effect.gen(function* () {
  const scope = yield* Scope.make()
  yield* Scope.provide(holding, scope)
  strictEqual(1, 2, "what the test says itself")
})

const nextTurn = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))

/** Opens scopes all the time, and closes them. */
export const tidy = opened.await.pipe(
  Effect.andThen(Effect.repeat(Effect.scoped(Effect.andThen(holding, nextTurn)), { times: 20 })),
  Effect.andThen(closed.open),
  Effect.asVoid,
)
