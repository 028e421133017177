import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { start } from "../../bench/child.ts"
import { refusingAddress } from "../support/silent-server.ts"
import { collecting } from "./collecting.ts"

const flooding = (collector: string) =>
  Effect.acquireRelease(
    Effect.promise(() =>
      start("../test/load/flood-process.ts", { OTEL_EXPORTER_OTLP_ENDPOINT: collector }),
    ),
    ({ stop }) => Effect.promise(stop),
  )

/** The most that a program takes in memory once spans are lost for want of room, as a ratio to what it takes then. */
const most = 1.1

const silent = Effect.map(collecting({ LOAD_SILENT: "1" }), ({ address }) => address)

describe.each([
  ["accepts connections and never answers", silent],
  ["refuses connections", refusingAddress],
] as const)("a collector that %s", (_, collector) => {
  it.live("costs no more memory after a million spans than when there is no more room", () =>
    Effect.gen(function* () {
      const { ask } = yield* flooding(yield* collector)
      const flood = async (spans: number) => {
        let ended = 0
        while (ended < spans) ended += await ask("flood")
        return ask("memory")
      }
      const full = yield* Effect.promise(() => flood(400_000))
      const after = yield* Effect.promise(() => flood(600_000))
      expect(after / full).toBeLessThan(most)
      expect(after).toBeLessThan(200 * 2 ** 20)
    }),
  )
})
