import { describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Receiver } from "../../src/collector/receiver.ts"
import { isolatedSettings } from "../../src/probe/isolated.ts"
import { expectFindingsKept, expectKeptUnsampled } from "./keeping.ts"
import { onNodeWith, type Place } from "./places.ts"

const keepingNone: Place = Effect.flatMap(Receiver, ({ url }) =>
  onNodeWith({
    ...isolatedSettings(url, "ticks"),
    sampler: { name: "scopeline_keep", ratio: 0 },
  }),
)

describe("a program that keeps no trace without a finding", () => {
  it.live("sends 10 whole traces of 1,000 healthy and 10 broken connections", () =>
    expectFindingsKept(keepingNone),
  )

  it.live("sends a broken one although its client does not sample the trace", () =>
    expectKeptUnsampled(keepingNone),
  )
})
