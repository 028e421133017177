import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { servedProcess } from "../support/process.ts"
import { stop } from "../support/stop.ts"
import { collecting } from "./collecting.ts"
import { seconds, tellFigure, whole } from "./figure.ts"
import { sized } from "./load-size.ts"
import { openStreams } from "./streams.ts"

/** What a stream of the server is in spans; one more is the scope of the application. */
const spansOf = (streams: number): number => 5 * streams + 1

const serving = Effect.fnUntraced(function* (streams: number) {
  const collector = yield* collecting()
  const server = yield* servedProcess(["--fixed"], {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.address,
  })
  const open = yield* Effect.promise(() => openStreams(server.port, streams))
  return { collector, server, open }
})

const stopped = sized(5_000, 500)
const killed = sized(10_000, 1_000)

describe("what ends at once", () => {
  it.live(
    `${whole(stopped)} streams at SIGTERM: no span is lost, and each ends cleanly`,
    (context) =>
      Effect.gen(function* () {
        const { collector, server, open } = yield* serving(stopped)
        const { code, millis } = yield* stop(server)
        const ends = yield* Effect.promise(() => Promise.all(open.map(({ ended }) => ended)))
        const clean = ends.filter((isClean) => isClean).length
        const arrived = yield* collector.ask("spans")
        tellFigure(
          context,
          `exit code ${code} after ${seconds(millis)}; ${whole(clean)} ended cleanly; ` +
            `${whole(arrived)} of ${whole(spansOf(stopped))} spans arrived`,
        )
        expect(server.stderr()).toBe("")
        expect([code, clean, arrived]).toEqual([0, stopped, spansOf(stopped)])
        expect(yield* collector.ask("twice")).toBe(0)
      }),
  )

  it.live(`${whole(killed)} clients that are killed: no span is lost`, (context) =>
    Effect.gen(function* () {
      const { collector, server, open } = yield* serving(killed)
      for (const { socket } of open) socket.resetAndDestroy()
      yield* Effect.promise(() => Promise.all(open.map(({ ended }) => ended)))
      const { code } = yield* stop(server)
      const arrived = yield* collector.ask("spans")
      tellFigure(context, `${whole(arrived)} of ${whole(spansOf(killed))} spans arrived`)
      expect(server.stderr()).toBe("")
      expect([code, arrived]).toEqual([0, spansOf(killed)])
    }),
  )
})
