import { describe, expect, it } from "@effect/vitest"
import { Cause, Effect, Exit, Logger } from "effect"
import { HttpServerError, HttpServerResponse } from "effect/http"
import { answerFailures } from "../../src/access/failure-answer.ts"

const answer = answerFailures(() => HttpServerResponse.text("it failed", { status: 500 }))

const quiet = Effect.provide(Logger.layer([]))

describe("a request that fails", () => {
  it.effect.each([Effect.die(new RangeError("too deep")), Effect.fail("anything")])(
    "is never answered with a 500 without a word (%#)",
    (app) =>
      Effect.gen(function* () {
        const response = yield* answer(app)
        expect(response.status).toBe(500)
        const text = yield* Effect.promise(() => HttpServerResponse.toWeb(response).text())
        expect(text).toBe("it failed")
      }).pipe(quiet),
  )

  it.effect("keeps the answer that its failure has", () =>
    Effect.gen(function* () {
      const own = HttpServerResponse.empty({ status: 404 })
      const exit = yield* Effect.exit(answer(Effect.die(own)))
      expect(HttpServerError.exitResponse(exit)).toBe(own)
    }).pipe(quiet),
  )

  it.effect("stays interrupted where its client has left", () =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(answer(Effect.interrupt))
      expect(Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)).toBe(true)
    }).pipe(quiet),
  )
})
