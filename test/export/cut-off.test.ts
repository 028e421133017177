import { deepStrictEqual, match, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { CutOffListener } from "../../otel/export/cut-off.ts"
import { layerTelemetry, tracedScope } from "../../otel/index.ts"
import type { CutOff } from "../../otel/lifetimes/model.ts"
import { buildAlone, isolatedSettings } from "../../src/probe/isolated.ts"
import { otlpSink, spansIn } from "../support/otlp-sink.ts"
import { capturedStderr } from "../support/stderr.ts"

const stderr = capturedStderr()

/** A program whose telemetry is closed by `close`, and what a collector and a listener were told. */
const exporting = Effect.gen(function* () {
  const sink = yield* otlpSink
  const told: Array<CutOff> = []
  const telemetry = layerTelemetry(isolatedSettings(sink.address, "test")).pipe(
    Layer.provide(Layer.succeed(CutOffListener, (cutOff) => void told.push(cutOff))),
  )
  const life = yield* Scope.make()
  const context = yield* Scope.provide(buildAlone(telemetry), life)
  return {
    told,
    run: <A, E>(program: Effect.Effect<A, E>) => Effect.provideContext(program, context),
    /** A scope under the telemetry that somebody closes later. */
    open: Effect.gen(function* () {
      const scope = yield* Scope.make()
      yield* Effect.makeSpanScoped("request").pipe(
        Scope.provide(scope),
        Effect.provideContext(context),
      )
      return Scope.close(scope, Exit.void)
    }),
    close: Scope.close(life, Exit.void),
    names: Effect.map(spansIn(sink.requests), (spans) => spans.map(({ name }) => name)),
  }
})

describe("spans that end before the telemetry is closed", () => {
  it.live("are exported, and nobody is told of a loss", () =>
    Effect.gen(function* () {
      const { run, close, told, names } = yield* exporting
      yield* run(Effect.withSpan(Effect.void, "work"))
      yield* close
      deepStrictEqual([yield* names, told, stderr.mock.calls], [["work"], [], []])
    }).pipe(Effect.scoped),
  )
})

describe("a span that ends after the telemetry was closed", () => {
  it.live("is counted where it was open then, and was sent as open", () =>
    Effect.gen(function* () {
      const { open, close, told, names } = yield* exporting
      const end = yield* open
      yield* close
      strictEqual(told.length, 0)
      yield* end
      deepStrictEqual(yield* names, ["request"])
      deepStrictEqual(
        told.map(({ count, spans }) => [count, spans.map(({ name }) => name)]),
        [[1, ["request"]]],
      )
    }).pipe(Effect.scoped),
  )

  it.live("is counted where it had not begun", () =>
    Effect.gen(function* () {
      const { run, close, told } = yield* exporting
      yield* close
      yield* run(Effect.withSpan(Effect.void, "late"))
      deepStrictEqual(
        told.map(({ count, spans }) => [count, spans.map(({ name }) => name)]),
        [[1, ["late"]]],
      )
    }).pipe(Effect.scoped),
  )

  it.live("is counted where it is the span of a lifetime", () =>
    Effect.gen(function* () {
      const { run, close, told } = yield* exporting
      yield* close
      yield* run(Effect.void.pipe(tracedScope("late")))
      deepStrictEqual(
        told.map(({ spans }) => spans.map(({ name }) => name)),
        [["scope late"]],
      )
    }).pipe(Effect.scoped),
  )

  it.live("tells when the exporter had been shut down, and when it ended itself", () =>
    Effect.gen(function* () {
      const { open, close, told } = yield* exporting
      const end = yield* open
      yield* close
      yield* Effect.sleep(2)
      yield* end
      const { closedAt = 0, spans = [] } = told[0] ?? {}
      const [{ startedAt = 0, endedAt = 0 } = {}] = spans
      strictEqual(startedAt < closedAt && closedAt < endedAt, true)
    }).pipe(Effect.scoped),
  )
})

describe("many spans that end too late", () => {
  it.live("are said once on stderr, and all are told to the listener with the first five", () =>
    Effect.gen(function* () {
      const { run, close, told } = yield* exporting
      yield* close
      for (const name of "abcdefg") yield* run(Effect.withSpan(Effect.void, name))
      strictEqual(stderr.mock.calls.length, 1)
      match(
        String(stderr.mock.calls[0]?.[0]),
        /^Span "a" ended after the exporter had been shut down, and is lost: close the telemetry last\.$/,
      )
      deepStrictEqual(
        told.map(({ count }) => count),
        [1, 2, 3, 4, 5, 6, 7],
      )
      deepStrictEqual(
        told.at(-1)?.spans.map(({ name }) => name),
        ["a", "b", "c", "d", "e"],
      )
    }).pipe(Effect.scoped),
  )
})
