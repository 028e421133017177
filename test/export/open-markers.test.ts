import { deepStrictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import { TestClock } from "effect/testing"
import { CutOffCounter } from "../../otel/export/cut-off.ts"
import type { LifetimeSpan } from "../../otel/export/lifetime-span.ts"
import { defaultMarkAfter, superviseOpen } from "../../otel/export/open-markers.ts"
import { OpenSpans } from "../../otel/export/open-spans.ts"
import { everything, KeepFindings, type Outlet } from "../../otel/export/outlet.ts"
import { layerLifetimes } from "../../otel/instrument/automatic.ts"
import type { LifetimeRecord } from "../../otel/instrument/records/record.ts"
import { LifetimeSink, silentSink } from "../../otel/instrument/records/sink.ts"
import { fromNanos } from "../../otel/lifetimes/time.ts"
import { answer, eventStream } from "../instrument/exchange.ts"

/** A tracer under which spans are told of while they are open, and what was told. */
const marking = Effect.fnUntraced(function* (outlet: Outlet = everything, withLifetimes = false) {
  const clock = yield* Clock.Clock
  const now = () => fromNanos(clock.currentTimeNanosUnsafe())
  const told: Array<LifetimeSpan> = []
  const writer = { span: () => {}, lifetime: (form: LifetimeSpan) => void told.push(form) }
  const cutOff = new CutOffCounter(() => {}, now)
  const parts = { sampling: () => true, outlet, writer, cutOff, now, markAfter: defaultMarkAfter }
  const spans = new OpenSpans(parts)
  const marking = { ...parts, spans, flush: () => {}, withLifetimes }
  yield* Effect.acquireRelease(
    Effect.sync(() => superviseOpen(marking, defaultMarkAfter, clock)),
    (stop) => Effect.sync(stop),
  )
  const tracer = Tracer.make({ span: spans.start })
  return { told, provide: Effect.provideService(Tracer.Tracer, tracer) }
})

const startOf = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.forkChild(effect, { startImmediately: true })

const times = (told: ReadonlyArray<LifetimeSpan>) =>
  told.map(({ name, endedAt }) => [name, endedAt / 1e6])

const waiting = Effect.withSpan(Effect.never, "waiting")

describe("a span that stays open", () => {
  it.effect("is told of after 1 s, 10 s, 1 min and 10 min, and then no more", () =>
    Effect.gen(function* () {
      const { told, provide } = yield* marking()
      yield* startOf(provide(waiting))
      yield* TestClock.adjust("2 hours")
      deepStrictEqual(times(told), [
        ["open waiting", 1],
        ["open waiting", 10],
        ["open waiting", 60],
        ["open waiting", 600],
      ])
    }),
  )

  it.effect("is told of within a quarter of a second, whenever it began", () =>
    Effect.gen(function* () {
      const { told, provide } = yield* marking()
      for (const began of [10, 20, 700]) {
        yield* TestClock.setTime(began)
        yield* startOf(provide(waiting))
      }
      yield* TestClock.setTime(5_000)
      deepStrictEqual(
        told.map(({ startedAt, endedAt }) => (endedAt - startedAt) / 1e6 < 1.25),
        [true, true, true],
      )
    }),
  )

  it.effect("is the parent of its marker, which is marked as open and has its beginning", () =>
    Effect.gen(function* () {
      const { told, provide } = yield* marking()
      yield* TestClock.setTime(50)
      yield* startOf(provide(Effect.withSpan(waiting, "outer")))
      yield* TestClock.adjust("2 seconds")
      const [outer, inner] = told
      deepStrictEqual(inner?.attributes, {
        "effect.lifetime.kind": "open",
        "lifetime.open": true,
        "effect.exchange.parent_span_id": outer?.parent?.spanId,
      })
      deepStrictEqual([inner?.startedAt, inner?.parent?.traceId], [50_000, outer?.span.traceId])
    }),
  )

  it.effect("is told of no more once it has ended", () =>
    Effect.gen(function* () {
      const { told, provide } = yield* marking()
      const fiber = yield* startOf(provide(waiting))
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.interrupt(fiber)
      yield* TestClock.adjust("2 hours")
      deepStrictEqual(times(told), [["open waiting", 1]])
    }),
  )

  it.effect(
    "and serves an exchange, is told of with its route and what is known of its answer",
    () =>
      Effect.gen(function* () {
        const { told, provide } = yield* marking()
        const served = answer(Effect.succeed(eventStream(Stream.never)))
        yield* startOf(served.pipe(Effect.provide(layerLifetimes(), { local: true }), provide))
        yield* TestClock.adjust("2 seconds")
        deepStrictEqual(
          told.map(({ name, attributes }) => [name, attributes]),
          [
            [
              "open GET /event",
              {
                "effect.lifetime.kind": "open",
                "lifetime.open": true,
                "http.request.method": "GET",
                "http.route": "/event",
                "http.response.status_code": 200,
                "http.response.header.content-type": ["text/event-stream"],
              },
            ],
          ],
        )
      }),
  )

  it.effect(
    "and serves an exchange, is told of with what lives in that, where it is asked for",
    () =>
      Effect.gen(function* () {
        const { told, provide } = yield* marking(everything, true)
        const served = answer(Effect.succeed(eventStream(Stream.never)))
        yield* startOf(served.pipe(Effect.provide(layerLifetimes(), { local: true }), provide))
        yield* TestClock.adjust("2 seconds")
        deepStrictEqual(
          told.map(({ name, attributes }) => [name, attributes["effect.lifetime.open_kind"]]),
          [
            ["open GET /event", undefined],
            ["open scope request", "scope"],
            ["open stream body", "stream"],
          ],
        )
      }),
  )

  it.effect("and serves an exchange, is followed by the end of all that was told of in it", () =>
    Effect.gen(function* () {
      const { told, provide } = yield* marking(everything, true)
      const ended: Array<string> = []
      const sink = {
        ...silentSink,
        export: ({ span }: LifetimeRecord) => void ended.push(span.spanId),
      }
      const slow = answer(Effect.as(Effect.sleep("3 seconds"), HttpServerResponse.empty()), "HEAD")
      const lifetimes = Layer.provide(layerLifetimes(), Layer.succeed(LifetimeSink, sink))
      yield* startOf(slow.pipe(Effect.provide(lifetimes, { local: true }), provide))
      yield* TestClock.adjust("4 seconds")
      const [, scope] = told
      deepStrictEqual([scope?.name, ended], ["open scope request", [scope?.parent?.spanId]])
    }),
  )

  it.effect("is told of where its trace is kept anyway, and not where that is not known yet", () =>
    Effect.gen(function* () {
      for (const [share, count] of [
        [0, 0],
        [1, 1],
      ] as const) {
        const { told, provide } = yield* marking(new KeepFindings(share))
        yield* startOf(provide(waiting))
        yield* TestClock.adjust("2 seconds")
        deepStrictEqual(told.length, count)
      }
    }),
  )
})

describe("a span that ends within a second", () => {
  it.effect("is never told of", () =>
    Effect.gen(function* () {
      const { told, provide } = yield* marking()
      yield* provide(Effect.withSpan(Effect.void, "short"))
      yield* TestClock.adjust("1 minute")
      deepStrictEqual(told, [])
    }),
  )
})
