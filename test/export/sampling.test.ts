import { deepStrictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import { ROOT_CONTEXT } from "@opentelemetry/api"
import {
  RandomIdGenerator,
  SamplingDecision,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace-node"
import * as Tracer from "effect/Tracer"
import { isWithin, type SamplerName, samplingOf } from "../../otel/export/sampling.ts"

const remote = (sampled: boolean) =>
  Tracer.externalSpan({ traceId: "1".repeat(32), spanId: "1".repeat(16), sampled })

/** Of the four words of an id together a ratio takes those from below: one of the first, and the last. */
const low = `${"0".repeat(31)}1`
const high = "f".repeat(8).padEnd(32, "0")

/** Of a new trace with a low and a high id, and under a parent that is sampled and one that is not. */
const taken: ReadonlyArray<readonly [SamplerName, ReadonlyArray<boolean>]> = [
  ["always_on", [true, true, true, true]],
  ["always_off", [false, false, false, false]],
  ["traceidratio", [true, false, true, true]],
  ["parentbased_always_on", [true, true, true, false]],
  ["parentbased_always_off", [false, false, true, false]],
  ["parentbased_traceidratio", [true, false, true, false]],
  ["scopeline_keep", [true, true, true, true]],
]

describe("a sampler", () => {
  it.each(taken)("that is %s records what its name says", (name, expected) => {
    const sampling = samplingOf({ name, ratio: 0.5 })
    deepStrictEqual(
      [
        sampling(undefined, () => low),
        sampling(undefined, () => high),
        sampling(remote(true), () => low),
        sampling(remote(false), () => low),
      ],
      expected,
    )
  })
})

describe("a share of traces", () => {
  it.each([0, 0.001, 0.25, 0.5, 0.999, 1])("of %d is that of the SDK", (ratio) => {
    const ids = new RandomIdGenerator()
    const sampler = new TraceIdRatioBasedSampler(ratio)
    const isTaken = isWithin(ratio)
    for (let count = 0; count < 2_000; count++) {
      const id = ids.generateTraceId()
      const { decision } = sampler.shouldSample(ROOT_CONTEXT, id)
      deepStrictEqual(isTaken(id), decision === SamplingDecision.RECORD_AND_SAMPLED)
    }
  })
})
