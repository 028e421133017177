import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { ForwardQueue } from "../../src/watch/forward-queue.ts"
import { hexOf, spanOf } from "../otlp/spans.ts"

const KiB = 1024

const large = (number: number) =>
  spanOf({ spanId: hexOf(number, 16), attributes: { padding: "x".repeat(10 * KiB) } })

describe("spans that wait for Jaeger", () => {
  it.effect("are the latest up to a limit in bytes, and those that were lost are counted", () =>
    Effect.gen(function* () {
      const waiting = new ForwardQueue(35 * KiB)
      const lost = [1, 2, 3, 4, 5].map((number) => waiting.add([large(number)]))
      const spans = yield* waiting.take
      expect(spans.map(({ spanId }) => Number.parseInt(spanId, 16))).toEqual([3, 4, 5])
      expect(lost).toEqual([0, 0, 0, 1, 1])
    }),
  )

  it.effect("leave in requests that a receiver takes, the oldest first", () =>
    Effect.gen(function* () {
      const waiting = new ForwardQueue(64 * 1024 * KiB)
      const numbers = Array.from({ length: 300 }, (_, number) => number)
      for (const number of numbers) waiting.add([large(number)])
      const first = yield* waiting.take
      expect(first.length).toBeGreaterThan(50)
      expect(first.length).toBeLessThan(250)
      const second = yield* waiting.take
      expect(waiting.count).toBe(0)
      const all = [...first, ...second].map(({ spanId }) => Number.parseInt(spanId, 16))
      expect(all).toEqual(numbers)
    }),
  )
})
