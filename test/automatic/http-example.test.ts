import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { diagnose } from "../../otel/lifetimes/diagnose.ts"
import { once } from "../support/once.ts"
import { otlpSink, spansIn } from "../support/otlp-sink.ts"
import { signalsReachProcesses } from "../support/stop.ts"
import { requests, runExample } from "./http-example.ts"

const asItIs = once(runExample({ WATCHED: "no" }))

describe.runIf(signalsReachProcesses)("the HTTP server of Effect's own guide", () => {
  it.live("answers everything that it has an answer for", () =>
    Effect.gen(function* () {
      const { answers, stderr } = yield* asItIs
      expect(stderr).toBe("")
      expect(new Set(answers.map(({ status }) => status))).toEqual(
        new Set([200, 204, 400, 401, 404, 408, 422, 500]),
      )
    }),
  )

  it.live("answers, logs and stops the same under the Layer", () =>
    Effect.gen(function* () {
      expect(yield* runExample({ WATCHED: "yes" })).toEqual(yield* asItIs)
    }),
  )

  it.live("does so under the Layer that exports, and nothing is found in it", () =>
    Effect.gen(function* () {
      const sink = yield* otlpSink
      const exporting = { WATCHED: "yes", OTEL_EXPORTER_OTLP_ENDPOINT: sink.address }
      expect(yield* runExample(exporting)).toEqual(yield* asItIs)
      const { exchangesJudged, findings } = diagnose(yield* spansIn(sink.requests))
      expect([exchangesJudged, findings]).toEqual([requests.length, []])
    }),
  )
})
