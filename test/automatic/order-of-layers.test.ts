import { deepStrictEqual, match, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import * as Scope from "effect/Scope"
import * as Tracer from "effect/Tracer"
import { TestClock, TestConsole } from "effect/testing"
import { layerTelemetry, subscribeTraced, tracedPubSub } from "../../otel/index.ts"
import { layerLifetimes } from "../../otel/instrument/automatic.ts"
import { answer } from "../instrument/exchange.ts"

const other = Layer.succeed(
  Tracer.Tracer,
  Tracer.make({ span: (options) => new Tracer.NativeSpan(options) }),
)

const nested = layerTelemetry({
  endpoint: undefined,
  serviceName: "test",
  resource: {},
  fromEnvironment: false,
})

/** Where nobody listens. */
const exporting = layerTelemetry({
  endpoint: { url: "http://127.0.0.1:9", exact: false },
  serviceName: "test",
  resource: {},
  fromEnvironment: false,
})

const forks = Effect.all([Effect.void, Effect.void], { concurrency: 2 }).pipe(
  Effect.andThen(Effect.andThen(Effect.forkChild(Effect.void), Effect.forkDetach(Effect.void))),
)

/** Is judged again after the grace period, by a fiber of the Layer's own. */
const leaking = Effect.gen(function* () {
  const pubsub = yield* PubSub.unbounded<number>().pipe(tracedPubSub("bus"))
  const held = Scope.provide(subscribeTraced(pubsub), yield* Scope.make())
  yield* answer(Effect.as(held, HttpServerResponse.empty()))
  yield* TestClock.adjust("5 seconds")
})

describe("a tracer beside the Layer", () => {
  it.effect("that hides it is warned of, once", () =>
    Effect.gen(function* () {
      yield* forks.pipe(Effect.provide(other), Effect.provide(layerLifetimes(), { local: true }))
      const warnings = yield* TestConsole.errorLines
      strictEqual(warnings.length, 1)
      match(String(warnings[0]), /another tracer.*provide that around the Layer/)
    }),
  )

  it.effect("that is around it, or is another of these Layers, is no reason to warn", () =>
    Effect.gen(function* () {
      const own = layerLifetimes()
      yield* forks.pipe(Effect.provide(own, { local: true }), Effect.provide(other))
      yield* leaking.pipe(Effect.provide(own, { local: true }), Effect.provide(other))
      for (const inner of [nested, exporting]) {
        yield* forks.pipe(
          Effect.provide(inner, { local: true }),
          Effect.provide(own, { local: true }),
        )
      }
      deepStrictEqual(yield* TestConsole.errorLines, [])
    }),
  )
})
