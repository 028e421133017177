import { deepStrictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Tracer from "effect/Tracer"
import { type SamplerName, samplingOf } from "../../otel/export/sampling.ts"

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
