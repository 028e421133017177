import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { start } from "../../bench/child.ts"
import { refusingAddress } from "../support/silent-server.ts"
import { collecting } from "./collecting.ts"
import { mebibytes, tellFigure, whole } from "./figure.ts"
import { sized } from "./load-size.ts"

/** For spans that wait: what a program has by default, and less in the short form. */
const room = sized(64, 4) * 2 ** 20
const spans = sized(1_000_000, 60_000)

const flooding = (collector: string) =>
  Effect.acquireRelease(
    Effect.promise(() =>
      start("../test/load/flood-process.ts", {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector,
        SCOPELINE_QUEUE_BYTES: String(room),
      }),
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
  it.live(
    `costs no more memory after ${whole(spans)} spans than when there is no more room`,
    (context) =>
      Effect.gen(function* () {
        const { ask } = yield* flooding(yield* collector)
        const flood = async (spans: number) => {
          let ended = 0
          while (ended < spans) ended += await ask("flood")
          return ask("memory")
        }
        const full = yield* Effect.promise(() => flood(0.4 * spans))
        const after = yield* Effect.promise(() => flood(0.6 * spans))
        tellFigure(
          context,
          `heap ${mebibytes(full)} when there was no more room, ${mebibytes(after)} after all`,
        )
        expect(after / full).toBeLessThan(most)
        expect(after).toBeLessThan(200 * 2 ** 20)
      }),
  )
})
