import { inspect } from "node:util"
import { expect, it } from "@effect/vitest"
import { Cause, Effect, Scope } from "effect"
import { guarded } from "../../otel/testing/index.ts"

it.live("a LifetimeError is printed as its text, without fields and without frames of ours", () =>
  Effect.gen(function* () {
    const leaving = Effect.addFinalizer(() => Effect.void).pipe(Scope.provide(yield* Scope.make()))
    const error = yield* Effect.flip(leaving.pipe(guarded({ grace: 0 })))
    expect(inspect(error)).toBe(`LifetimeError: ${error.message}`)
    const [copy] = Cause.prettyErrors(Cause.fail(error))
    expect(error.leftovers).toHaveLength(1)
    expect(inspect(copy).split("still open after the end")).toHaveLength(2)
    expect(inspect(copy)).not.toContain("leftovers:")
    expect(error.stack).toBe(`LifetimeError: ${error.message}`)
  }),
)
