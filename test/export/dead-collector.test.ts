import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { served } from "../support/command.ts"
import { exchange } from "../support/exchange.ts"
import { once } from "../support/once.ts"
import { otlpSink, spansIn } from "../support/otlp-sink.ts"
import { servedProcess } from "../support/process.ts"
import { refusingAddress, silentServer } from "../support/silent-server.ts"
import { signalsReachProcesses, stop } from "../support/stop.ts"

/** Five exchanges, one after the other. */
const use = (address: string) => Effect.repeat(exchange(address), { times: 4 })

/** A server is used and stopped while this is its collector. */
const usedWith = Effect.fnUntraced(function* (collector: string) {
  const server = yield* served(["--fixed"], { OTEL_EXPORTER_OTLP_ENDPOINT: collector })
  const start = performance.now()
  yield* use(server.address)
  const millisToAnswer = performance.now() - start
  const { code, millis: millisToStop } = yield* stop(server)
  return { code, millisToAnswer, millisToStop, stderr: server.stderr() }
})

/** How many spans a collector gets that is well. */
const spansOfUse = once(
  Effect.gen(function* () {
    const sink = yield* otlpSink
    const { stderr } = yield* usedWith(sink.address)
    expect(stderr).toBe("")
    return (yield* spansIn(sink.requests)).length
  }),
)

const warnings = (stderr: string) => stderr.match(/takes no spans/g)?.length ?? 0
const lost = (stderr: string) => Number(/(\d+) spans? (?:was|were) lost/.exec(stderr)?.[1])

const collectors = [
  { does: "refuses connections", collector: refusingAddress },
  { does: "accepts connections and never answers", collector: silentServer },
].map(({ does, collector }) => ({
  does,
  collector,
  used: once(Effect.flatMap(collector, usedWith)),
}))

describe.runIf(signalsReachProcesses).concurrent.each(collectors)(
  "a collector that $does",
  ({ collector, used }) => {
    it.live(
      "does not keep the server from answering",
      () =>
        Effect.gen(function* () {
          const { millisToAnswer } = yield* used
          expect(millisToAnswer).toBeLessThan(3_000)
        }),
      30_000,
    )

    it.live(
      "does not keep the server from stopping within 3 s, with 0",
      () =>
        Effect.gen(function* () {
          const { code, millisToStop, stderr } = yield* used
          expect(code, stderr).toBe(0)
          expect(millisToStop).toBeLessThan(3_000)
        }),
      30_000,
    )

    it.live(
      "is told at exit to have cost every span that it would have been given",
      () =>
        Effect.gen(function* () {
          const { stderr } = yield* used
          const spans = yield* spansOfUse
          expect(spans).toBeGreaterThan(0)
          expect(lost(stderr)).toBe(spans)
          expect(warnings(stderr)).toBeLessThanOrEqual(1)
        }),
      30_000,
    )

    it.live(
      "is warned of once, however often exports fail",
      () =>
        Effect.gen(function* () {
          // The SDK reads its timeout in the environment of the process.
          const server = yield* servedProcess(["--fixed"], {
            OTEL_EXPORTER_OTLP_ENDPOINT: yield* collector,
            OTEL_BSP_SCHEDULE_DELAY: "50",
            OTEL_EXPORTER_OTLP_TIMEOUT: "200",
          })
          yield* use(server.address)
          yield* server.written(/takes no spans/)
          yield* use(server.address)
          yield* stop(server)
          const [warned, told, ...more] = server.stderr().trimEnd().split("\n")
          expect(warned).toContain("takes no spans")
          expect(told).toContain("lost")
          expect(more).toEqual([])
        }),
      30_000,
    )
  },
)
