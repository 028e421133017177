import { deepStrictEqual, match, strictEqual } from "node:assert"
import { afterEach, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as PubSub from "effect/PubSub"
import * as Scope from "effect/Scope"
import * as Tracer from "effect/Tracer"
import { TestClock } from "effect/testing"
import * as Version from "effect/Version"
import { layerTelemetry, subscribeTraced, tracedPubSub, tracedScope } from "../../otel/index.ts"
import { layerLifetimes } from "../../otel/instrument/automatic.ts"
import { isHooked } from "../../otel/instrument/effect/tracer-hook.ts"
import { answer } from "../instrument/exchange.ts"
import { Recording, recorded } from "../instrument/recording.ts"
import { capturedStderr } from "../support/stderr.ts"

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

/** Where nobody listens: that is told on stdout. */
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
  const stderr = capturedStderr()

  it.effect("that hides it is warned of, once", () =>
    Effect.gen(function* () {
      yield* forks.pipe(Effect.provide(other), Effect.provide(layerLifetimes(), { local: true }))
      strictEqual(stderr.mock.calls.length, 1)
      match(String(stderr.mock.calls[0]), /another tracer.*provide that around the Layer/)
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
      deepStrictEqual(stderr.mock.calls, [])
    }),
  )
})

describe("a version of Effect that is not known", () => {
  const version = Version.getCurrentVersion()

  afterEach(() => {
    Version.setCurrentVersion(version)
  })

  it.effect("leaves the automatic mode off, with one warning, and what is asked for recorded", () =>
    Effect.gen(function* () {
      const warnings: Array<unknown> = []
      const logger = Logger.make(({ message }) => void warnings.push(message))
      Version.setCurrentVersion("4.9.0")
      const seen = yield* Effect.gen(function* () {
        yield* Effect.scoped(Effect.addFinalizer(() => Effect.void))
        yield* Effect.void.pipe(tracedScope("asked for"))
        const { ended } = yield* Recording
        return [isHooked(yield* Tracer.Tracer), ended.map(({ name }) => name)]
      }).pipe(
        Effect.provide(recorded(), { local: true }),
        Effect.provide(Logger.layer([logger]), { local: true }),
      )
      deepStrictEqual(seen, [false, ["asked for"]])
      deepStrictEqual(warnings, [
        ["Scopeline does not know effect 4.9.0: exchanges and scopes are not seen."],
      ])
    }),
  )
})
