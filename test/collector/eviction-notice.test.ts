import { deepStrictEqual, match, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { droppedText, evictionNotice, watchEvictions } from "../../src/collector/eviction-notice.ts"
import { TraceStore } from "../../src/collector/trace-store.ts"
import { hexOf, spanOf } from "../otlp/spans.ts"

const KiB = 1024

const large = (trace: number) =>
  spanOf({ traceId: hexOf(trace, 32), attributes: { padding: "x".repeat(10 * KiB) } })

const nothing = { traces: 0, spans: 0, bytes: 0, evictedTraces: 0, evictedSpans: 0 }

describe("spans that are dropped", () => {
  it.effect("are told of when it begins, and then once a minute", () =>
    Effect.gen(function* () {
      const store = yield* TraceStore
      const told: Array<number> = []
      yield* watchEvictions(({ evictedTraces }) => Effect.sync(() => void told.push(evictedTraces)))
      yield* store.add([1, 2, 3, 4].map(large))
      yield* TestClock.adjust("5 seconds")
      deepStrictEqual(told, [])
      yield* store.add([large(5)])
      yield* TestClock.adjust("5 seconds")
      deepStrictEqual(told, [1])
      for (let trace = 6; trace < 10; trace++) yield* store.add([large(trace)])
      yield* TestClock.adjust("50 seconds")
      deepStrictEqual(told, [1])
      yield* TestClock.adjust("10 seconds")
      deepStrictEqual(told, [1, 5])
      yield* TestClock.adjust("10 minutes")
      deepStrictEqual(told, [1, 5])
    }).pipe(Effect.provide(TraceStore.layer({ bytes: 50 * KiB }))),
  )

  it("are told of with the limit, and with what was kept", () => {
    const counts = {
      ...nothing,
      evictedTraces: 3,
      evictedSpans: 9,
      evictedOpen: 0,
      evictedFound: 0,
      cutFound: 0,
    }
    strictEqual(
      evictionNotice(counts, 256 * KiB * KiB),
      "256 MiB of spans are kept (--memory). 3 ended traces without a finding were dropped. " +
        "No other trace was.",
    )
  })

  it("are told of apart where something was open in them, or found", () => {
    const counts = {
      ...nothing,
      evictedTraces: 3,
      evictedSpans: 9,
      evictedOpen: 1,
      evictedFound: 1,
      cutFound: 0,
    }
    match(droppedText(counts), /^1 ended trace .* was dropped\. So were 1 open trace and 1 with a/)
  })
})
