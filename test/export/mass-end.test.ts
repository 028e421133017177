import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { openStreams } from "../load/streams.ts"
import { served } from "../support/command.ts"
import { otlpSink, spansIn } from "../support/otlp-sink.ts"
import { signalsReachProcesses, stop } from "../support/stop.ts"

/** Of each five spans: more than the SDK lets wait. */
const streams = 600

describe.runIf(signalsReachProcesses)(`${streams} streams that end at once`, () => {
  it.live.each(["as their server stops", "as their clients leave"])(
    "send all of their spans, %s",
    (when) =>
      Effect.gen(function* () {
        const sink = yield* otlpSink
        const server = yield* served(["--fixed"], { OTEL_EXPORTER_OTLP_ENDPOINT: sink.address })
        const open = yield* Effect.promise(() => openStreams(server.port, streams))
        if (when === "as their clients leave") for (const { socket } of open) socket.destroy()
        const { code } = yield* stop(server)
        expect(code).toBe(0)
        expect(server.stderr()).toBe("")
        const names = (yield* spansIn(sink.requests)).map(({ name }) => name)
        for (const name of ["GET /event", "scope request", "stream event"]) {
          expect(names.filter((one) => one === name)).toHaveLength(streams)
        }
      }),
    60_000,
  )
})
