import { describe, expect, it } from "@effect/vitest"
import { Effect, PubSub, Stream, Tracer } from "effect"
import { type SamplerName, samplerNames } from "../../otel/export/sampling.ts"
import { layerTelemetry, subscribeTraced, tracedPubSub } from "../../otel/index.ts"
import { guarded } from "../../otel/testing/index.ts"
import { isolatedSettings } from "../../src/probe/isolated.ts"
import { answer, eventStream } from "../instrument/exchange.ts"
import { otlpSink, spansIn } from "../support/otlp-sink.ts"

/** The names of the spans that a program sends. */
const sentBy = Effect.fnUntraced(function* (name: SamplerName, program: Effect.Effect<unknown>) {
  const sink = yield* otlpSink
  const settings = { ...isolatedSettings(sink.address, "sampled"), sampler: { name, ratio: 1 } }
  yield* Effect.provide(program, layerTelemetry(settings))
  return (yield* spansIn(sink.requests)).map((span) => span.name).toSorted()
})

const leftOut = Effect.void.pipe(
  Effect.withSpan("below what is left out"),
  Effect.withSpan("left out", { sampled: false }),
)

const work = Effect.withSpan(Effect.void, "debug detail", { level: "Debug" }).pipe(
  Effect.andThen(leftOut),
  Effect.withSpan("work"),
  Effect.provideService(Tracer.MinimumTraceLevel, "Info"),
)

/** Finishes its stream although the PubSub goes on: the scope around the handler has closed. */
const broken = Effect.gen(function* () {
  const pubsub = yield* PubSub.unbounded<number>().pipe(tracedPubSub("bus"))
  const handler = Effect.map(subscribeTraced(pubsub), (subscription) =>
    eventStream(Stream.fromSubscription(subscription)),
  )
  yield* Effect.exit(answer(Effect.scoped(handler)))
})

const silent = Effect.provideService(broken, Tracer.MinimumTraceLevel, "None")

const external = (sampled: boolean) =>
  Tracer.externalSpan({ traceId: "1".repeat(32), spanId: "1".repeat(16), sampled })

describe("what a program says about sampling", () => {
  it.live.each(
    samplerNames.filter((name) => name !== "always_off" && name !== "parentbased_always_off"),
  )("holds under %s", (name) =>
    Effect.gen(function* () {
      expect(yield* sentBy(name, work)).toEqual(["work"])
      expect(yield* sentBy(name, silent)).toEqual([])
      expect(yield* sentBy(name, broken)).toContain("stream body")
    }).pipe(Effect.scoped),
  )

  it.live("lets one be sampled below what is not, as Effect's own tracer has it", () =>
    Effect.gen(function* () {
      const inside = Effect.withSpan(Effect.void, "inside", { sampled: true })
      const sent = yield* sentBy(
        "parentbased_always_on",
        Effect.withSpan(inside, "outside", { sampled: false }),
      )
      expect(sent).toEqual(["inside"])
    }).pipe(Effect.scoped),
  )

  it.live(
    "is not what a service before it says, and no sampler overrules it below that either",
    () =>
      Effect.gen(function* () {
        const below = Effect.withSpan(Effect.void, "below", { parent: external(false) })
        expect(yield* sentBy("scopeline_keep", below)).toEqual(["below"])
        expect(yield* sentBy("parentbased_always_on", below)).toEqual([])
        const quiet = Effect.provideService(below, Tracer.MinimumTraceLevel, "None")
        expect(yield* sentBy("scopeline_keep", quiet)).toEqual([])
      }).pipe(Effect.scoped),
  )

  it.live("keeps no finding from the guard", () =>
    Effect.gen(function* () {
      const failure = yield* Effect.flip(silent.pipe(guarded()))
      expect(failure.findings.map(({ rule }) => rule)).toEqual(["scope-closed-early"])
    }),
  )
})
