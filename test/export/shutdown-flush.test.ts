import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { EXCHANGE_ENDED_BY, LIFETIME_OPEN, STREAM_ENDED_BY } from "../../otel/attributes.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import { Receiver } from "../../src/collector/receiver.ts"
import { TraceStore } from "../../src/collector/trace-store.ts"
import { receiver } from "../collector/post.ts"
import { servedProcess } from "../support/process.ts"
import { signalsReachProcesses, stop } from "../support/stop.ts"
import { StreamReader } from "../support/stream-reader.ts"

const clients = [1, 2, 3, 4, 5].map((n) => ({
  traceId: `${n}`.repeat(32),
  spanId: `${n}`.repeat(16),
}))

const parentOf = (span: Span, spans: ReadonlyArray<Span>): string =>
  clients.some(({ spanId }) => spanId === span.parentSpanId)
    ? "the client"
    : (spans.find(({ spanId }) => spanId === span.parentSpanId)?.name ?? "nothing")

/** Five streams of a server that is then asked to stop; gives the spans of each stream's trace. */
const stoppedBy = Effect.fnUntraced(function* (signal: "SIGTERM" | "SIGINT") {
  const { url } = yield* Receiver
  const server = yield* servedProcess(["--fixed"], { OTEL_EXPORTER_OTLP_ENDPOINT: url })
  const readers = yield* Effect.forEach(clients, ({ traceId, spanId }) =>
    StreamReader.open(`${server.address}/event`, { traceparent: `00-${traceId}-${spanId}-01` }),
  )
  yield* Effect.forEach(readers, (reader) => reader.frameCount(1))
  const { code, millis } = yield* stop(server, signal)
  expect(code, server.output()).toBe(0)
  expect(millis).toBeLessThan(3_000)
  expect(server.stderr()).toBe("")
  const store = yield* TraceStore
  return yield* Effect.forEach(clients, ({ traceId }) => store.trace(traceId))
})

describe.concurrent.each(["SIGTERM", "SIGINT"] as const)(
  "the spans of open streams on %s",
  (signal) => {
    it.live.skipIf(!signalsReachProcesses)(
      "have all left with their parents when the process has ended, ended by shutdown",
      () =>
        Effect.gen(function* () {
          for (const spans of yield* stoppedBy(signal)) {
            const tree = spans.map((span) => `${span.name} under ${parentOf(span, spans)}`).sort()
            expect(tree).toEqual([
              "GET /event under the client",
              "scope connection under scope request",
              "scope request under GET /event",
              "stream event under GET /event",
              "subscription bus under scope connection",
            ])
            const named = (name: string) =>
              spans.find((span) => span.name === name)?.attributes ?? {}
            expect(named("GET /event")[EXCHANGE_ENDED_BY]).toBe("shutdown")
            expect(named("stream event")[STREAM_ENDED_BY]).toBe("shutdown")
            expect(spans.filter(({ attributes }) => LIFETIME_OPEN in attributes)).toEqual([])
          }
        }).pipe(Effect.provide(receiver)),
      30_000,
    )
  },
)
