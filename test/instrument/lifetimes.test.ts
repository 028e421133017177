import { describe, it } from "@effect/vitest"
import { deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { Lifetimes, openNow, tracedScope } from "../../otel/index.ts"
import { layerLifetimes } from "../../otel/instrument/automatic.ts"
import { Registry } from "../../otel/instrument/records/registry.ts"
import { answer } from "./exchange.ts"

describe("the lifetimes that a program is given", () => {
  it.effect("can be looked at and told of the shutdown, and nothing else", () =>
    Effect.gen(function* () {
      deepStrictEqual(Object.keys(yield* Lifetimes).sort(), ["beginShutdown", "openNow"])
    }).pipe(Effect.provide(layerLifetimes())),
  )

  it.effect("are the same by the service and by the function", () =>
    Effect.gen(function* () {
      const lifetimes = yield* Lifetimes
      deepStrictEqual(yield* lifetimes.openNow, yield* openNow)
      strictEqual((yield* openNow).scopes[0]?.name, "held")
    }).pipe(tracedScope("held"), Effect.provide(layerLifetimes())),
  )

  it.effect("can be looked at by what does not run under the Layer", () =>
    Effect.gen(function* () {
      const context = yield* Layer.build(layerLifetimes())
      const { openNow } = Context.get(context, Lifetimes)
      yield* Effect.gen(function* () {
        strictEqual(Effect.runSync(openNow).scopes[0]?.name, "held")
      }).pipe(tracedScope("held"), Effect.provideContext(context))
    }).pipe(Effect.scoped),
  )

  it.effect("are no scopes in which nothing was ever acquired", () =>
    Effect.gen(function* () {
      const left = yield* Scope.make()
      yield* answer(
        Effect.gen(function* () {
          yield* Scope.provide(Effect.void, left)
          return HttpServerResponse.empty()
        }),
      )
      deepStrictEqual((yield* openNow).scopes, [])
      yield* Scope.addFinalizer(left, Effect.void)
      strictEqual((yield* openNow).scopes.length, 1)
    }).pipe(Effect.provide(layerLifetimes())),
  )

  it.effect.each<Duration.Input>([
    250,
    "250 millis",
    250_000_000n,
    [0, 250_000_000],
    { milliseconds: 250 },
    Duration.millis(250),
  ])("are given a grace period as any duration: %s", (grace) =>
    Effect.gen(function* () {
      strictEqual((yield* Registry).review.grace, 250_000)
    }).pipe(Effect.provide(layerLifetimes({ grace }))),
  )

  it.effect("are none without the Layer", () =>
    Effect.gen(function* () {
      const nothing = {
        exchanges: [],
        scopes: [],
        subscriptions: [],
        streams: [],
        fibers: [],
        orphans: [],
        finalizers: [],
      }
      deepStrictEqual(yield* openNow, { ...nothing, runningFibers: 0 })
    }),
  )
})
