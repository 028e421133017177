import { describe, expect, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { diagnose } from "../../otel/lifetimes/diagnose.ts"
import { fromDuration } from "../../otel/lifetimes/duration.ts"
import { telemetryCutOff } from "../../otel/lifetimes/rules/telemetry-cut-off.ts"
import { Receiver } from "../../src/collector/receiver.ts"
import { TraceStore } from "../../src/collector/trace-store.ts"
import { nameOf, scenarios } from "../../src/scenarios/catalogue.ts"
import { variantNames } from "../../src/scenarios/scenario.ts"
import { grace } from "../../src/scenarios/stage.ts"
import { receiver } from "../collector/post.ts"
import { exchangesThatShow } from "../support/exchanges-that-show.ts"
import { runningProgram } from "../support/process.ts"
import { underRegister } from "./registered.ts"

/** It is about an exporter that is closed too early; register closes its own when the process ends. */
const underLayerOnly = telemetryCutOff.name

const cases = scenarios
  .map(nameOf)
  .filter((name) => name !== underLayerOnly)
  .flatMap((name) => variantNames.map((variant) => ({ name, variant })))

describe.concurrent("a scenario without the Layer", () => {
  it.live.each(cases)("$name, $variant, shows what it is there to show", ({ name, variant }) =>
    Effect.gen(function* () {
      const { url } = yield* Receiver
      const program = yield* runningProgram(
        process.execPath,
        ["test/register/scenario-program.ts", name, variant],
        {
          ...underRegister,
          OTEL_EXPORTER_OTLP_ENDPOINT: url,
          SCOPELINE_GRACE: String(Duration.toMillis(grace)),
        },
      )
      expect(yield* program.ended, program.output()).toBe(0)
      const store = yield* TraceStore
      const traces = yield* Effect.forEach(yield* store.traces, store.trace)
      const { findings } = diagnose(traces.flat(), { grace: fromDuration(grace) })
      const found = findings.map(({ rule, count }) => ({ rule, count }))
      expect(found).toEqual(
        variant === "broken" ? [{ rule: name, count: exchangesThatShow(name) }] : [],
      )
    }).pipe(Effect.provide(receiver)),
  )
})
