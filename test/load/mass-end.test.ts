import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { servedProcess } from "../support/process.ts"
import { stop } from "../support/stop.ts"
import { collecting } from "./collecting.ts"
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

describe("what ends at once", () => {
  it.live("5,000 streams at SIGTERM: no span is lost, and each stream ends cleanly", () =>
    Effect.gen(function* () {
      const { collector, server, open } = yield* serving(5_000)
      const { code } = yield* stop(server)
      expect(server.stderr()).toBe("")
      expect(code).toBe(0)
      const ends = yield* Effect.promise(() => Promise.all(open.map(({ ended }) => ended)))
      expect(ends.filter((isClean) => isClean)).toHaveLength(5_000)
      expect(yield* collector.ask("spans")).toBe(spansOf(5_000))
      expect(yield* collector.ask("twice")).toBe(0)
    }),
  )

  it.live("10,000 clients that are killed: no span is lost", () =>
    Effect.gen(function* () {
      const { collector, server, open } = yield* serving(10_000)
      for (const { socket } of open) socket.resetAndDestroy()
      yield* Effect.promise(() => Promise.all(open.map(({ ended }) => ended)))
      const { code } = yield* stop(server)
      expect(server.stderr()).toBe("")
      expect(code).toBe(0)
      expect(yield* collector.ask("spans")).toBe(spansOf(10_000))
    }),
  )
})
