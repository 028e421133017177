import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as TestClock from "effect/testing/TestClock"
import type { Finding } from "../../otel/lifetimes/finding.ts"
import { watchFindings } from "../../src/collector/live-findings.ts"
import { TraceStore } from "../../src/collector/trace-store.ts"
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
