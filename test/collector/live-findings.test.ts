import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as TestClock from "effect/testing/TestClock"
import type { Finding } from "../../otel/lifetimes/finding.ts"
import { watchFindings } from "../../src/collector/live-findings.ts"
import { TraceStore } from "../../src/collector/trace-store.ts"
import { broken } from "../lifetimes/spans.ts"
import { hexOf, spanOf } from "../otlp/spans.ts"
import { brokenTrace } from "./broken-trace.ts"

/** Enough for changes to be taken, and for the pause after them to pass. */
const aWhile = TestClock.adjust("1 second").pipe(Effect.repeat({ times: 3 }))

describe("live findings", () => {
  it.effect("are reported once for each kind, however many traces show them", () =>
    Effect.gen(function* () {
      const store = yield* TraceStore
      const reports = yield* Queue.unbounded<ReadonlyArray<Finding>>()
      yield* watchFindings((found) => Queue.offer(reports, found))

      yield* store.add(brokenTrace(1))
      yield* store.add(brokenTrace(2))
      yield* aWhile
      const first = yield* Queue.take(reports)
      deepStrictEqual(
        first.map(({ rule, route, count }) => [rule, route, count]),
        [["scope-closed-early", "GET /event", 2]],
      )

      yield* store.add(brokenTrace(3))
      yield* store.add(brokenTrace(4, "/other"))
      yield* aWhile
      const second = yield* Queue.take(reports)
      deepStrictEqual(
        second.map(({ route }) => route),
        ["GET /other"],
      )
    }).pipe(Effect.provide(TraceStore.layer())),
  )

  it.effect("judge a trace again when the rest of its spans has come", () =>
    Effect.gen(function* () {
      const store = yield* TraceStore
      const reports = yield* Queue.unbounded<ReadonlyArray<Finding>>()
      yield* watchFindings((found) => Queue.offer(reports, found))
      const [server, finding] = brokenTrace(1)
      yield* store.add([finding])
      yield* aWhile
      strictEqual(yield* Queue.size(reports), 0)
      yield* store.add([server])
      yield* aWhile
      strictEqual((yield* Queue.take(reports)).length, 1)
    }).pipe(Effect.provide(TraceStore.layer())),
  )

  it.effect("keep the traces in which they are found, beside thousands without one", () =>
    Effect.gen(function* () {
      const store = yield* TraceStore
      yield* watchFindings(() => Effect.void)
      yield* store.add(broken)
      yield* aWhile
      const healthy = Array.from({ length: 2_000 }, (_, n) => spanOf({ traceId: hexOf(n + 2, 32) }))
      yield* store.add(healthy)
      strictEqual((yield* store.trace(broken[0]?.traceId ?? "")).length, broken.length)
      strictEqual((yield* store.counts).evictedFound, 0)
    }).pipe(Effect.provide(TraceStore.layer({ bytes: 100_000 }))),
  )

  it.effect("count the traces that went before they could be judged", () =>
    Effect.gen(function* () {
      const store = yield* TraceStore
      const healthy = Array.from({ length: 2_000 }, (_, n) => spanOf({ traceId: hexOf(n + 1, 32) }))
      const watched = yield* Effect.scoped(
        Effect.tap(
          watchFindings(() => Effect.void),
          () => store.add(healthy),
        ),
      )
      const { evictedTraces } = yield* store.counts
      strictEqual(yield* watched.unjudged, evictedTraces)
      strictEqual(evictedTraces > 1_000, true)
    }).pipe(Effect.provide(TraceStore.layer({ bytes: 100_000 }))),
  )

  it.effect("tell at the end what came last", () =>
    Effect.gen(function* () {
      const store = yield* TraceStore
      const reported: Array<Finding> = []
      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* watchFindings((found) => Effect.sync(() => void reported.push(...found)))
          yield* store.add(brokenTrace(1))
        }),
      )
      strictEqual(reported.length, 1)
    }).pipe(Effect.provide(TraceStore.layer())),
  )
})
