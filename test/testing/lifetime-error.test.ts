import { inspect } from "node:util"
import { expect, it } from "@effect/vitest"
import { Effect, Scope } from "effect"
import { guarded } from "../../otel/testing/index.ts"

it.live("a LifetimeError is printed as its text, without fields and without frames of ours", () =>
  Effect.gen(function* () {
    const leaving = Effect.addFinalizer(() => Effect.void).pipe(Scope.provide(yield* Scope.make()))
    const error = yield* Effect.flip(leaving.pipe(guarded({ grace: 0 })))
    expect(inspect(error)).toBe(`LifetimeError: ${error.message}`)
    expect(error.stack).toBe(`LifetimeError: ${error.message}`)
  }),
)
