import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Scope from "effect/Scope"
import { traceCurrentScope } from "../../otel/index.ts"
import { Registry } from "../../otel/instrument/records/registry.ts"
import { answer } from "./exchange.ts"
import { recorded } from "./recording.ts"

/** Opens a scope and forgets it. */
const drop = Effect.flatMap(Scope.make(), (scope) => Scope.provide(Effect.void, scope))

const openScopes = Effect.map(Registry, ({ scopes }) => [...scopes])

describe("scopes that a program drops and never closes", () => {
  it.effect.each([
    { where: "requests", dropping: answer(Effect.as(drop, HttpServerResponse.empty())) },
    { where: "the program", dropping: drop },
  ])("in $where, are a thousand at most to the Layer", ({ dropping }) =>
    Effect.gen(function* () {
      for (let count = 0; count < 1_500; count++) yield* dropping
      const open = yield* openScopes
      strictEqual(open.length, 1_000)
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("do not let those be forgotten that were asked for", () =>
    Effect.gen(function* () {
      yield* traceCurrentScope("application", "application")
      for (let count = 0; count < 1_500; count++) yield* drop
      deepStrictEqual(
        (yield* openScopes).slice(0, 1).map(({ name }) => name),
        ["application"],
      )
    }).pipe(Effect.scoped, Effect.provide(recorded())),
  )
})
