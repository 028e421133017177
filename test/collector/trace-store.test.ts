import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { LIFETIME_KIND } from "../../otel/attributes.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import { TraceStore } from "../../src/collector/trace-store.ts"
import { hexOf, spanOf } from "../otlp/spans.ts"

const numbered = (trace: number, span: number): Span =>
  spanOf({ traceId: hexOf(trace, 32), spanId: hexOf(span, 16) })

const spanIds = (spans: ReadonlyArray<Span>) =>
  spans.map((span) => Number.parseInt(span.spanId, 16))

const withStore = <A, E, R>(
  limits: { readonly spans: number; readonly spansPerTrace: number },
  use: (store: TraceStore["Service"]) => Effect.Effect<A, E, R>,
) => Effect.flatMap(TraceStore, use).pipe(Effect.provide(TraceStore.layer(limits)))

const roomy = { spans: 100, spansPerTrace: 100 }

describe("the store of traces", () => {
  it.effect("lets the oldest traces go when it has too many spans, and counts them", () =>
    withStore({ spans: 4, spansPerTrace: 4 }, (store) =>
      Effect.gen(function* () {
        yield* store.add([numbered(1, 1), numbered(1, 2), numbered(2, 3)])
        yield* store.add([numbered(3, 4), numbered(3, 5)])
        deepStrictEqual(yield* store.traces, [hexOf(2, 32), hexOf(3, 32)])
        deepStrictEqual(yield* store.trace(hexOf(1, 32)), [])
        deepStrictEqual(yield* store.counts, {
          traces: 2,
          spans: 3,
          evictedTraces: 1,
          evictedSpans: 2,
        })
      }),
    ),
  )

  it.effect("keeps of what tells that a span is open the latest, until that span comes", () =>
    withStore(roomy, (store) =>
      Effect.gen(function* () {
        const marker = (span: number): Span => ({
          ...numbered(1, span),
          parentSpanId: hexOf(9, 16),
          attributes: { [LIFETIME_KIND]: "open" },
        })
        const kept = Effect.map(store.trace(hexOf(1, 32)), spanIds)
        yield* store.add([numbered(1, 1), marker(2)])
        yield* store.add([marker(3)])
        deepStrictEqual(yield* kept, [1, 3])
        yield* store.add([numbered(1, 9)])
        yield* store.add([marker(4)])
        deepStrictEqual(yield* kept, [1, 9])
        strictEqual((yield* store.counts).spans, 2)
      }),
    ),
  )

  it.effect("keeps the latest spans of a trace that is too long", () =>
    withStore({ spans: 100, spansPerTrace: 2 }, (store) =>
      Effect.gen(function* () {
        yield* store.add([numbered(1, 1), numbered(1, 2), numbered(1, 3)])
        deepStrictEqual(spanIds(yield* store.trace(hexOf(1, 32))), [2, 3])
        strictEqual((yield* store.counts).evictedSpans, 1)
      }),
    ),
  )

  it.effect("never holds more than its limit, even of a single trace", () =>
    withStore({ spans: 3, spansPerTrace: 50 }, (store) =>
      Effect.gen(function* () {
        for (let span = 1; span <= 20; span++) yield* store.add([numbered(1, span)])
        deepStrictEqual(spanIds(yield* store.trace(hexOf(1, 32))), [18, 19, 20])
      }),
    ),
  )

  it.effect("keeps a span that is sent twice once", () =>
    withStore(roomy, (store) =>
      Effect.gen(function* () {
        yield* store.add([numbered(1, 1)])
        yield* store.add([numbered(1, 1)])
        strictEqual((yield* store.counts).spans, 1)
      }),
    ),
  )

  it.effect("gives a trace as soon as what was waited for holds", () =>
    withStore(roomy, (store) =>
      Effect.gen(function* () {
        const waiting = yield* store
          .awaitTrace(hexOf(1, 32), (spans) => spans.length === 3)
          .pipe(Effect.forkChild({ startImmediately: true }))
        yield* store.add([numbered(1, 1), numbered(2, 2)])
        yield* store.add([numbered(1, 3)])
        strictEqual(waiting.pollUnsafe(), undefined)
        yield* store.add([numbered(1, 4)])
        deepStrictEqual(spanIds(yield* Fiber.join(waiting)), [1, 3, 4])
      }),
    ),
  )

  it.effect("gives a trace at once where what is waited for holds already", () =>
    withStore(roomy, (store) =>
      Effect.gen(function* () {
        yield* store.add([numbered(1, 1)])
        const spans = yield* store.awaitTrace(hexOf(1, 32), (known) => known.length > 0)
        deepStrictEqual(spanIds(spans), [1])
      }),
    ),
  )

  it.effect("asks nobody any more who has stopped waiting", () =>
    withStore(roomy, (store) =>
      Effect.gen(function* () {
        let asked = 0
        const waiting = yield* store
          .awaitTrace(hexOf(1, 32), () => {
            asked += 1
            return false
          })
          .pipe(Effect.forkChild({ startImmediately: true }))
        yield* store.add([numbered(1, 1)])
        yield* Fiber.interrupt(waiting)
        yield* store.add([numbered(1, 2)])
        strictEqual(asked, 2)
      }),
    ),
  )

  it.effect("lets a predicate that throws fail who waits, and nobody else", () =>
    withStore(roomy, (store) =>
      Effect.gen(function* () {
        const waiting = yield* store
          .awaitTrace(hexOf(1, 32), (spans) => {
            if (spans.length > 0) throw new Error("wrong question")
            return false
          })
          .pipe(Effect.forkChild({ startImmediately: true }))
        yield* store.add([numbered(1, 1)])
        const exit = yield* Fiber.await(waiting)
        strictEqual(Exit.isFailure(exit) && Cause.hasDies(exit.cause), true)
        strictEqual((yield* store.counts).spans, 1)
      }),
    ),
  )

  it.effect("tells of each trace that changed, once a request", () =>
    withStore(roomy, (store) =>
      Effect.gen(function* () {
        const changes = yield* store.changes
        yield* store.add([numbered(1, 1), numbered(1, 2), numbered(2, 3)])
        yield* store.add([numbered(2, 4)])
        const told = yield* changes.pipe(Stream.take(3), Stream.runCollect)
        deepStrictEqual(told, [hexOf(1, 32), hexOf(2, 32), hexOf(2, 32)])
      }),
    ),
  )
})
