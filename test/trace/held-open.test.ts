import { describe, expect, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { layerTelemetry, type TelemetryOptions } from "../../otel/index.ts"
import { diagnose } from "../../otel/lifetimes/diagnose.ts"
import { exchangesOf } from "../../otel/lifetimes/from-spans.ts"
import { isMarker } from "../../otel/lifetimes/open-marker.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import { traceOf } from "../../otel/lifetimes/trace.ts"
import { Receiver } from "../../src/collector/receiver.ts"
import { TraceStore } from "../../src/collector/trace-store.ts"
import { buildAlone, isolatedSettings } from "../../src/probe/isolated.ts"
import { layerServer, ServerAddress } from "../../src/server/server.ts"
import { receiver } from "../collector/post.ts"
import { eventually } from "../support/eventually.ts"
import { otlpSink, spansIn } from "../support/otlp-sink.ts"
import { StreamReader } from "../support/stream-reader.ts"

/** A server that sends to the address, and a client that stays with its event stream. */
const holding = Effect.fnUntraced(function* (url: string, options: TelemetryOptions) {
  const telemetry = layerTelemetry(isolatedSettings(url, "test"), { markOpen: true, ...options })
  const server = layerServer({ variant: "fixed", host: "127.0.0.1", port: 0 })
  const context = yield* buildAlone(Layer.provide(server, telemetry))
  const client = yield* StreamReader.open(`${Context.get(context, ServerAddress)}/event`)
  const since = performance.now()
  yield* client.frameCount(1)
  return { client, since }
})

const isEventSpan = ({ name }: Span): boolean => name === "GET /event"

describe("a stream that is held open", () => {
  it.live("is visible in a collector within 1.5 s, and as one span once it has ended", () =>
    Effect.gen(function* () {
      const store = yield* TraceStore
      const spans = Effect.flatMap(store.traces, (traces) =>
        Effect.map(Effect.forEach(traces, store.trace), (all) => all.flat()),
      )
      const { client, since } = yield* holding((yield* Receiver).url, {})
      const open = yield* eventually(spans, (seen) => seen.some(isMarker))
      expect(performance.now() - since).toBeLessThan(1_500)
      expect(open.map(({ name }) => name)).toEqual(["open GET /event"])
      expect(diagnose(open)).toMatchObject({ exchangesOpen: 1, exchangesJudged: 0, spans: 1 })

      yield* client.leave
      const ended = yield* eventually(spans, (seen) => seen.some(isEventSpan))
      expect(ended.filter(isMarker)).toEqual([])
      expect(diagnose(ended)).toMatchObject({ exchangesOpen: 0, exchangesJudged: 1, findings: [] })
    }).pipe(Effect.scoped, Effect.provide(receiver)),
  )

  it.live("is visible with all that lives in it, and as the same once it has ended", () =>
    Effect.gen(function* () {
      const store = yield* TraceStore
      const spans = Effect.flatMap(store.traces, (traces) =>
        Effect.map(Effect.forEach(traces, store.trace), (all) => all.flat()),
      )
      const names = (seen: ReadonlyArray<Span>) =>
        exchangesOf(traceOf(seen)).flatMap(({ scopes, subscriptions, streams }) =>
          [...scopes, ...subscriptions, ...streams].map(({ name, endedAt }) => [
            name,
            endedAt === undefined ? "open" : "ended",
          ]),
        )
      const all = ["request", "connection", "bus", "event"]
      const { client } = yield* holding((yield* Receiver).url, {
        markLifetimes: true,
        markAfter: ["50 millis"],
      })
      const open = yield* eventually(spans, (seen) => seen.filter(isMarker).length > 1)
      expect(names(open)).toEqual(all.map((name) => [name, "open"]))
      expect(diagnose(open).findings).toEqual([])

      yield* client.leave
      const ended = yield* eventually(spans, (seen) => seen.some(isEventSpan))
      expect(ended.filter(isMarker)).toEqual([])
      expect(names(ended)).toEqual(all.map((name) => [name, "ended"]))
    }).pipe(Effect.scoped, Effect.provide(receiver)),
  )

  it.live(
    "is sent a handful of times, each under its span, and counts as that in a diagnosis",
    () =>
      Effect.gen(function* () {
        const sink = yield* otlpSink
        const markAfter = [50, 100, 150]
        const sent = Effect.suspend(() => spansIn(sink.requests))
        const { client } = yield* holding(sink.address, { markAfter })
        const isLast = (span: Span) => isMarker(span) && span.endedAt - span.startedAt >= 150_000
        yield* eventually(sent, (seen) => seen.some(isLast))
        yield* client.leave
        const spans = yield* eventually(sent, (seen) => seen.some(isEventSpan))
        const markers = spans.filter(isMarker)
        const server = spans.find(isEventSpan)
        expect(markers.length).toBeLessThanOrEqual(markAfter.length)
        expect(markers.map(({ parentSpanId }) => parentSpanId)).toEqual(
          markers.map(() => server?.spanId),
        )
        const trace = spans.filter(({ traceId }) => traceId === server?.traceId)
        expect(exchangesOf(traceOf(trace))).toHaveLength(1)
        expect(diagnose(trace).spans).toBe(trace.length - markers.length)
      }),
  )
})
