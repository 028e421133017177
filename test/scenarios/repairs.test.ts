import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import { Lifetimes } from "../../otel/index.ts"
import { layerEmbedded, Receiver } from "../../src/collector/receiver.ts"
import { nameOf, scenarios } from "../../src/scenarios/catalogue.ts"
import type { Play } from "../../src/scenarios/scenario.ts"
import { Collector } from "../../src/scenarios/stage.ts"

/** How many fibers of a program are alive when it has ended, as Effect itself counts them. */
const fibersAfter = (play: Play) =>
  Effect.gen(function* () {
    const { url } = yield* Receiver
    let alive = 0
    yield* Effect.scoped(play).pipe(
      Effect.provideService(Collector, url),
      Effect.provideService(Lifetimes, {
        openNow: Effect.die("nothing is recorded"),
        beginShutdown: () => {},
      }),
      Effect.provideService(Metric.FiberRuntimeMetrics, {
        recordFiberStart: () => alive++,
        recordFiberEnd: () => alive--,
      }),
    )
    return alive
  }).pipe(Effect.provide(layerEmbedded, { local: true }))

describe.concurrent("a repaired program leaves no fiber behind, without Scopeline", () => {
  it.live.each(scenarios.map((scenario) => ({ scenario, name: nameOf(scenario) })))(
    "$name",
    ({ scenario }) =>
      Effect.gen(function* () {
        expect(yield* fibersAfter(scenario.fixed)).toBe(0)
      }),
  )
})
