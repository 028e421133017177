import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Scope from "effect/Scope"
import { traceCurrentScope } from "../../otel/index.ts"
import { Registry } from "../../otel/instrument/records/registry.ts"
import { answer } from "./exchange.ts"
import { Recording, recorded } from "./recording.ts"

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

describe("a scope that outlives the plain request which opened it", () => {
  it.effect("has no span, as the scopes above it have none", () =>
    Effect.gen(function* () {
      const own = yield* Scope.make()
      const hold = Scope.provide(
        Effect.addFinalizer(() => Effect.void),
        own,
      )
      yield* answer(Effect.as(hold, HttpServerResponse.empty()))
      yield* Scope.close(own, Exit.void)
      const { ended } = yield* Recording
      deepStrictEqual(
        ended.map(({ kind }) => kind),
        [],
      )
    }).pipe(Effect.provide(recorded())),
  )
})

describe("a closed scope that requests enter in turns", () => {
  it.effect("is noted once for each", () =>
    Effect.gen(function* () {
      const registry = yield* Registry
      const closed = yield* Scope.make()
      yield* Scope.close(closed, Exit.void)
      const inTurns = Effect.forEach(
        [1, 2, 3],
        () => Effect.andThen(Scope.provide(Effect.void, closed), Effect.yieldNow),
        { discard: true },
      )
      const noted = Effect.sync(() =>
        Array.from(
          registry.exchanges,
          ({ scopes }) => scopes.filter((it) => it.isOf(closed)).length,
        ),
      )
      const handler = Effect.andThen(inTurns, noted)
      const counts: Array<number> = []
      const request = answer(
        Effect.map(handler, (found) => {
          counts.push(...found)
          return HttpServerResponse.empty()
        }),
      )
      yield* Effect.all([request, request], { concurrency: 2 })
      deepStrictEqual([...new Set(counts)], [1])
    }).pipe(Effect.provide(recorded())),
  )
})
