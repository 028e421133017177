import { deepStrictEqual, ok, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import { FINDING, LIFETIME_KIND, LIFETIME_OPEN } from "../../otel/attributes.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import type { TraceStoreLimits } from "../../src/collector/stored-traces.ts"
import { TraceStore } from "../../src/collector/trace-store.ts"
import { hexOf, spanOf } from "../otlp/spans.ts"

const numbered = (trace: number, span: number): Span =>
  spanOf({ traceId: hexOf(trace, 32), spanId: hexOf(span, 16) })

const spanIds = (spans: ReadonlyArray<Span>) =>
  spans.map((span) => Number.parseInt(span.spanId, 16))

const withStore = <A, E>(
  limits: Partial<TraceStoreLimits>,
  use: (store: TraceStore["Service"]) => Effect.Effect<A, E, Scope.Scope>,
) => Effect.scoped(Effect.flatMap(TraceStore, use)).pipe(Effect.provide(TraceStore.layer(limits)))

const KiB = 1024

/** A trace of one span, which takes a little more than 10 KiB. */
const large = (trace: number, over: Partial<Span> = {}): Span => ({
  ...numbered(trace, 1),
  ...over,
  attributes: { ...over.attributes, padding: "x".repeat(10 * KiB) },
})

const openSince = { parentSpanId: hexOf(9, 16), attributes: { [LIFETIME_KIND]: "open" } }

const found = (rule: string) => ({
  attributes: { [LIFETIME_KIND]: "finding", [FINDING]: rule },
})

/** Which traces are left, by their numbers. */
const left = (store: TraceStore["Service"]) =>
  Effect.map(store.traces, (ids) => ids.map((id) => Number.parseInt(id, 16)))

describe("the store of traces", () => {
  it.effect("lets the oldest traces go when it takes too many bytes, and counts them", () =>
    withStore({ bytes: 65 * KiB }, (store) =>
      Effect.gen(function* () {
        for (let trace = 1; trace <= 8; trace++) yield* store.add([large(trace)])
        deepStrictEqual(yield* left(store), [4, 5, 6, 7, 8])
        deepStrictEqual(yield* store.trace(hexOf(1, 32)), [])
        const { bytes, ...counts } = yield* store.counts
        deepStrictEqual(counts, {
          traces: 5,
          spans: 5,
          evictedTraces: 3,
          evictedOpen: 0,
          evictedFound: 0,
          cutFound: 0,
          evictedSpans: 3,
        })
        ok(bytes > 50 * KiB && bytes <= 65 * KiB)
      }),
    ),
  )

  it.effect("takes a trace that has got spans lately for younger", () =>
    withStore({ bytes: 65 * KiB }, (store) =>
      Effect.gen(function* () {
        for (let trace = 1; trace <= 5; trace++) yield* store.add([large(trace)])
        yield* store.add([numbered(1, 2)])
        yield* store.add([large(6)])
        deepStrictEqual(yield* left(store), [1, 3, 4, 5, 6])
      }),
    ),
  )

  it.effect(
    "lets go of what ended without a finding first, then of what is open, and of findings last",
    () =>
      withStore({ bytes: 120 * KiB }, (store) =>
        Effect.gen(function* () {
          yield* store.add([large(1, found("late-subscription"))])
          for (const trace of [2, 3, 4, 5, 6, 7]) yield* store.add([large(trace, openSince)])
          for (let trace = 10; trace < 40; trace++) yield* store.add([large(trace)])
          deepStrictEqual(
            (yield* left(store)).filter((trace) => trace < 10),
            [1, 2, 3, 4, 5, 6, 7],
          )
          for (const trace of [50, 51, 52, 53, 54]) yield* store.add([large(trace, openSince)])
          deepStrictEqual(yield* left(store), [1, 5, 6, 7, 39, 50, 51, 52, 53, 54])
          const { evictedOpen, evictedFound } = yield* store.counts
          deepStrictEqual([evictedOpen, evictedFound], [3, 0])
        }),
      ),
  )

  it.effect("keeps the first five traces of a kind of finding when more of that kind fill it", () =>
    withStore({ bytes: 120 * KiB }, (store) =>
      Effect.gen(function* () {
        yield* store.add([large(1, found("late-subscription"))])
        for (let trace = 10; trace < 40; trace++) {
          yield* store.add([large(trace, found("scope-closed-early"))])
        }
        deepStrictEqual((yield* left(store)).slice(0, 6), [1, 10, 11, 12, 13, 14])
        strictEqual((yield* store.counts).evictedFound > 15, true)
      }),
    ),
  )

  it.effect(
    "keeps a trace in which judging has found something, until it finds nothing any more",
    () =>
      withStore({ bytes: 65 * KiB }, (store) =>
        Effect.gen(function* () {
          yield* store.add([large(1)])
          yield* store.judged(hexOf(1, 32), new Set(["a kind"]))
          for (let trace = 2; trace <= 9; trace++) yield* store.add([large(trace)])
          strictEqual((yield* left(store))[0], 1)
          yield* store.judged(hexOf(1, 32), new Set())
          for (let trace = 10; trace <= 15; trace++) yield* store.add([large(trace)])
          strictEqual((yield* left(store)).includes(1), false)
        }),
      ),
  )

  it.effect("leaves to others what they need of its bytes, for as long as they do", () =>
    withStore({ bytes: 65 * KiB }, (store) =>
      Effect.gen(function* () {
        for (let trace = 1; trace <= 5; trace++) yield* store.add([large(trace)])
        yield* store.reserve(25 * KiB)
        deepStrictEqual(yield* left(store), [3, 4, 5])
        yield* store.reserve(65 * KiB)
        deepStrictEqual(yield* left(store), [4, 5])
        yield* store.reserve(0)
        for (let trace = 6; trace <= 8; trace++) yield* store.add([large(trace)])
        deepStrictEqual(yield* left(store), [4, 5, 6, 7, 8])
      }),
    ),
  )

  it.effect(
    "keeps what has ended until it can be judged, also while others need half of its bytes",
    () =>
      withStore({ bytes: 240 * KiB }, (store) =>
        Effect.gen(function* () {
          for (let trace = 1; trace <= 20; trace++) yield* store.add([large(trace, openSince)])
          yield* store.reserve(120 * KiB)
          yield* store.add([large(30)])
          deepStrictEqual((yield* left(store)).at(-1), 30)
        }),
      ),
  )

  it.effect("counts once what spans share, for as long as one of them is there", () =>
    withStore({}, (store) =>
      Effect.gen(function* () {
        const resource = { host: "x".repeat(100 * KiB) }
        yield* store.add(
          Array.from({ length: 50 }, (_, span) => ({ ...numbered(1, span + 1), resource })),
        )
        const { bytes } = yield* store.counts
        ok(bytes > 100 * KiB && bytes < 200 * KiB)
      }),
    ),
  )

  it.effect("keeps of what tells that a span is open the latest, until that span comes", () =>
    withStore({}, (store) =>
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
    withStore({ spansPerTrace: 2 }, (store) =>
      Effect.gen(function* () {
        yield* store.add([numbered(1, 1), numbered(1, 2), numbered(1, 3)])
        deepStrictEqual(spanIds(yield* store.trace(hexOf(1, 32))), [2, 3])
        strictEqual((yield* store.counts).evictedSpans, 1)
      }),
    ),
  )

  it.effect("keeps of a trace that is too long what is open and what was found", () =>
    withStore({ spansPerTrace: 4 }, (store) =>
      Effect.gen(function* () {
        const finding = { ...numbered(1, 2), ...found("starved-stream") }
        yield* store.add([{ ...numbered(1, 1), ...openSince }, finding])
        for (let span = 10; span < 20; span++) yield* store.add([numbered(1, span)])
        deepStrictEqual(spanIds(yield* store.trace(hexOf(1, 32))), [1, 2, 18, 19])
      }),
    ),
  )

  it.effect("lets go of what is open without looking through all that is open", () =>
    withStore({ spansPerTrace: 20_000 }, (store) =>
      Effect.gen(function* () {
        const millisFor = (from: number, to: number) =>
          Effect.gen(function* () {
            const spans: Array<Span> = []
            for (let span = from; span < to; span++) {
              spans.push({ ...numbered(1, span), attributes: { [LIFETIME_OPEN]: true } })
            }
            const began = performance.now()
            yield* store.add(spans)
            return performance.now() - began
          })
        const filling = yield* millisFor(1, 20_001)
        const lettingGo = yield* millisFor(20_001, 22_001)
        strictEqual((yield* store.counts).evictedSpans, 2_000)
        ok(lettingGo < filling, `${lettingGo} ms, and ${filling} ms for ten times as many`)
      }),
    ),
  )

  it.effect("gives a single trace a quarter of its bytes", () =>
    withStore({ bytes: 100 * KiB }, (store) =>
      Effect.gen(function* () {
        for (let span = 1; span <= 20; span++) {
          yield* store.add([{ ...large(1), spanId: hexOf(span, 16) }])
        }
        deepStrictEqual(spanIds(yield* store.trace(hexOf(1, 32))), [19, 20])
        strictEqual((yield* store.counts).evictedSpans, 18)
      }),
    ),
  )

  it.effect("keeps a span that is sent twice once", () =>
    withStore({}, (store) =>
      Effect.gen(function* () {
        yield* store.add([numbered(1, 1)])
        yield* store.add([numbered(1, 1)])
        strictEqual((yield* store.counts).spans, 1)
      }),
    ),
  )

  it.effect("gives a trace as soon as what was waited for holds", () =>
    withStore({}, (store) =>
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
    withStore({}, (store) =>
      Effect.gen(function* () {
        yield* store.add([numbered(1, 1)])
        const spans = yield* store.awaitTrace(hexOf(1, 32), (known) => known.length > 0)
        deepStrictEqual(spanIds(spans), [1])
      }),
    ),
  )

  it.effect("asks nobody any more who has stopped waiting", () =>
    withStore({}, (store) =>
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
    withStore({}, (store) =>
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

  it.effect("tells a reader of each trace that changed since it has looked, once", () =>
    withStore({}, (store) =>
      Effect.gen(function* () {
        const changes = yield* store.changes
        yield* store.add([numbered(1, 1), numbered(1, 2), numbered(2, 3)])
        yield* store.add([numbered(2, 4)])
        yield* changes.await
        deepStrictEqual([...changes.take()], [hexOf(1, 32), hexOf(2, 32)])
        deepStrictEqual([...changes.take()], [])
        yield* store.add([numbered(2, 5)])
        deepStrictEqual([...changes.take()], [hexOf(2, 32)])
      }),
    ),
  )
})
