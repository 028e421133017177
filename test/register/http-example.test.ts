import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { diagnose } from "../../otel/lifetimes/diagnose.ts"
import { requests, runExample } from "../automatic/http-example.ts"
import { once } from "../support/once.ts"
import { otlpSink, spansIn } from "../support/otlp-sink.ts"
import { signalsReachProcesses } from "../support/stop.ts"
import { underRegister } from "./registered.ts"

const asItIs = once(runExample({}))

describe.runIf(signalsReachProcesses)("the HTTP server of Effect's own guide", () => {
  it.live("answers, logs and stops the same under register, down to the ids of its fibers", () =>
    Effect.gen(function* () {
      expect(yield* runExample(underRegister)).toEqual(yield* asItIs)
    }),
  )

  it.live("does so where spans are sent, and nothing is found in it", () =>
    Effect.gen(function* () {
      const sink = yield* otlpSink
      const exporting = { ...underRegister, OTEL_EXPORTER_OTLP_ENDPOINT: sink.address }
      expect(yield* runExample(exporting)).toEqual(yield* asItIs)
      const { exchangesJudged, findings } = diagnose(yield* spansIn(sink.requests))
      expect([exchangesJudged, findings]).toEqual([requests.length, []])
    }),
  )
})
