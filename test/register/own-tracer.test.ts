import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { LIFETIME_KIND } from "../../otel/attributes.ts"
import { diagnose } from "../../otel/lifetimes/diagnose.ts"
import { otlpSink, spansIn } from "../support/otlp-sink.ts"
import { findingsIn, run, underRegister } from "./registered.ts"

const words = (...how: ReadonlyArray<string>) => ["test/register/programs/own-tracer.ts", ...how]

describe.each(["otlp", "opentelemetry", "test"])(
  "a program with a tracer of its own: %s",
  (kind) => {
    it.live("exports the same, and is told what is wrong", () =>
      Effect.gen(function* () {
        const without = yield* run(words("broken", kind))
        const under = yield* run(words("broken", kind), underRegister)
        expect(without).toMatchObject({ code: 0, stdout: expect.stringContaining('"subscribe"') })
        expect({ ...under, stderr: "" }).toEqual({ ...without, stderr: "" })
        expect(findingsIn(under)).toEqual(["scope-closed-early · GET /broken"])
        expect(findingsIn(yield* run(words("fixed", kind), underRegister))).toEqual([])
      }),
    )

    it.live(
      "has the server span sent with the same ids where spans are sent, and the rest below it",
      () =>
        Effect.gen(function* () {
          const sink = yield* otlpSink
          const variables = { ...underRegister, OTEL_EXPORTER_OTLP_ENDPOINT: sink.address }
          const under = yield* run(words("broken", kind), variables)
          const [, traceId, spanId] = /^exchange (\w+) (\w+)$/m.exec(under.stderr) ?? []
          const spans = yield* spansIn(sink.requests)
          const server = spans.filter((span) => span.kind === "server")
          expect(server).toEqual([expect.objectContaining({ traceId, spanId })])
          const ours = spans.filter(({ attributes }) => attributes[LIFETIME_KIND] !== undefined)
          expect(ours.length).toBeGreaterThan(2)
          expect(new Set(spans.map((span) => span.traceId))).toEqual(new Set([traceId]))
          const { findings } = diagnose(spans)
          expect(findings.map(({ rule, count }) => [rule, count])).toEqual([
            ["scope-closed-early", 1],
          ])
        }),
    )
  },
)

describe("a program that sends its spans to the same collector", () => {
  it.live("has one exchange there, with what was found", () =>
    Effect.gen(function* () {
      const sink = yield* otlpSink
      yield* run(words("broken", "otlp"), {
        ...underRegister,
        OTEL_EXPORTER_OTLP_ENDPOINT: sink.address,
        OWN_COLLECTOR: sink.address,
      })
      const spans = yield* spansIn(
        sink.requests.filter(({ body }) => body.includes("resourceSpans")),
      )
      const { exchanges, findings } = diagnose(spans)
      expect(exchanges).toHaveLength(1)
      expect(findings.map(({ rule, count }) => [rule, count])).toEqual([["scope-closed-early", 1]])
    }),
  )
})

describe("a program that brings the Layer along", () => {
  it.live("has everything sent once", () =>
    Effect.gen(function* () {
      const layerOnly = yield* otlpSink
      const both = yield* otlpSink
      const layer = ["test/register/programs/with-layer.ts", "broken"]
      yield* run(layer, { OTEL_EXPORTER_OTLP_ENDPOINT: layerOnly.address })
      yield* run(layer, { ...underRegister, OTEL_EXPORTER_OTLP_ENDPOINT: both.address })
      const names = (sink: typeof both) =>
        Effect.map(spansIn(sink.requests), (spans) => spans.map(({ name }) => name).toSorted())
      expect(yield* names(layerOnly)).toContain("scope subscribe")
      expect(yield* names(both)).toEqual(yield* names(layerOnly))
    }),
  )

  it.live("is told what is wrong where nothing is sent", () =>
    Effect.gen(function* () {
      const under = yield* run(["test/register/programs/with-layer.ts", "broken"], underRegister)
      expect(findingsIn(under)).toEqual(["scope-closed-early · GET /broken"])
    }),
  )
})
