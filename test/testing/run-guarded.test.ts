import { AssertionError, ok, rejects, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import { runGuarded } from "../../otel/testing/index.ts"
import { capturedStderr } from "../support/stderr.ts"

/** Leaves a scope open that holds something. */
const leaving = Effect.gen(function* () {
  const scope = yield* Scope.make()
  yield* Effect.addFinalizer(() => Effect.void).pipe(Scope.provide(scope))
})

describe("a program that fails and leaves something open", () => {
  const stderr = capturedStderr()

  it("rejects with its own failed assertion, and says the rest on stderr", async () => {
    const asserting = Effect.andThen(
      leaving,
      Effect.sync(() => strictEqual(1, 2)),
    )
    await rejects(runGuarded(asserting), AssertionError)
    ok(String(stderr.mock.calls).includes("still open"))
  })
})
