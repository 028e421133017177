import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit, Layer, Scope, Stream } from "effect"
import { HTTP_CONTENT_TYPE, LIFETIME_OPEN } from "../../otel/attributes.ts"
import { layerTelemetry } from "../../otel/index.ts"
import { diagnose } from "../../otel/lifetimes/diagnose.ts"
import { fromDuration } from "../../otel/lifetimes/duration.ts"
import { isolatedSettings } from "../../src/probe/isolated.ts"
import { Collector, grace } from "../../src/scenarios/stage.ts"
import { scenario } from "../../src/scenarios/upstream-bound-to-first-consumer.ts"
import { answer, eventStream } from "../instrument/exchange.ts"
import { danglingIn } from "../support/dangling.ts"
import { otlpSink, spansIn } from "../support/otlp-sink.ts"

describe("what a program sends that keeps only findings", () => {
  it.live("sends what a finding names of other traces too", () =>
    Effect.gen(function* () {
      const sink = yield* otlpSink
      const settings = {
        ...isolatedSettings(sink.address, "keeping"),
        sampler: { name: "scopeline_keep", ratio: 0 } as const,
      }
      yield* Effect.scoped(scenario.broken).pipe(
        Effect.provideService(Collector, "http://127.0.0.1:1"),
        Effect.provide(layerTelemetry(settings, { grace })),
      )
      const spans = yield* spansIn(sink.requests)
      const { findings } = diagnose(spans, { grace: fromDuration(grace) })
      expect(findings.map(({ rule }) => rule)).toEqual(["upstream-bound-to-first-consumer"])
      expect(danglingIn(spans)).toEqual([])
      expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(2)
    }).pipe(Effect.scoped),
  )
})

describe("an exchange that is still open when the program stops", () => {
  it.live("is sent as open, with what is known of it", () =>
    Effect.gen(function* () {
      const sink = yield* otlpSink
      const telemetry = yield* Scope.make()
      const context = yield* Layer.buildWithScope(
        layerTelemetry(isolatedSettings(sink.address, "open")),
        telemetry,
      )
      const running = answer(Effect.succeed(eventStream(Stream.never)))
      yield* Effect.forkScoped(Effect.provideContext(running, context), { startImmediately: true })
      yield* Scope.close(telemetry, Exit.void)
      const [server] = (yield* spansIn(sink.requests)).filter(({ kind }) => kind === "server")
      expect(server?.attributes).toMatchObject({
        [LIFETIME_OPEN]: true,
        [HTTP_CONTENT_TYPE]: ["text/event-stream"],
      })
      const events = server?.events.map(({ name }) => name)
      expect(events).toEqual(["exchange.handler_returned", "exchange.head_sent"])
    }).pipe(Effect.scoped),
  )
})
