import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { Receiver } from "../../src/collector/receiver.ts"
import { TraceStore } from "../../src/collector/trace-store.ts"
import { receiver } from "../collector/post.ts"
import { served } from "../support/command.ts"
import { exchange } from "../support/exchange.ts"
import { otlpSink } from "../support/otlp-sink.ts"
import { signalsReachProcesses, stop } from "../support/stop.ts"

/** A server with this protocol is used and stopped; what it wrote on stderr. */
const usedWith = Effect.fnUntraced(function* (collector: string, protocol: string) {
  const server = yield* served(["--fixed"], {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector,
    OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
  })
  yield* exchange(server.address)
  const { code } = yield* stop(server)
  expect(code, server.output()).toBe(0)
  return server.stderr()
})

const protocols = [
  { protocol: "http/json", contentType: "application/json", warnings: 0 },
  { protocol: "http/protobuf", contentType: "application/x-protobuf", warnings: 0 },
  { protocol: "grpc", contentType: "application/x-protobuf", warnings: 1 },
]

describe.runIf(signalsReachProcesses).each(protocols)(
  "with OTEL_EXPORTER_OTLP_PROTOCOL=$protocol",
  ({ protocol, contentType, warnings }) => {
    it.live("a collector gets the spans, and a program starts", () =>
      Effect.gen(function* () {
        const { url } = yield* Receiver
        const stderr = yield* usedWith(url, protocol)
        expect(stderr.split("\n").filter((line) => line !== "")).toHaveLength(warnings)
        const store = yield* TraceStore
        const traces = yield* Effect.forEach(yield* store.traces, store.trace)
        const names = traces.flat().map(({ name }) => name)
        expect(names).toEqual(expect.arrayContaining(["GET /event", "subscription bus"]))
      }).pipe(Effect.provide(receiver)),
    )

    it.live(`they are sent as ${contentType}`, () =>
      Effect.gen(function* () {
        const sink = yield* otlpSink
        yield* usedWith(sink.address, protocol)
        const types = new Set(sink.requests.map(({ headers }) => headers["content-type"]))
        expect([...types]).toEqual([contentType])
      }),
    )
  },
)
