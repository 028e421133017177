import { deepStrictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import type { Span } from "../../otel/lifetimes/span.ts"
import { zerosOf } from "../../otel/lifetimes/zero.ts"
import { at } from "./exchange.ts"
import { broken, client, leftBehind, renamed, server, span, spanId } from "./spans.ts"

/** When each counts from, in milliseconds. */
const zeros = (spans: ReadonlyArray<Span>): ReadonlyArray<number> => {
  const zeroOf = zerosOf(spans)
  return spans.map((one) => (zeroOf(one) - at(0)) / 1000)
}

describe("the times of a span count from", () => {
  it("the arrival of its exchange's request, its client's too, in each trace from its own", () => {
    const later = renamed(broken, 5_000_000)
    deepStrictEqual(zeros([...broken, ...later]), [
      ...broken.map(() => 0),
      ...later.map(() => 5_000),
    ])
  })

  it("that of the exchange above it where a trace has several, and of the first where none is above", () => {
    const second = server([40, 60], {}, "second")
    const trace = [
      { ...server([20, 90]), parentSpanId: spanId("client") },
      client([19, 91]),
      span("query", [45, 50], { below: "second" }),
      { ...second, parentSpanId: spanId("call") },
      span("call", [39, 61], { kind: "client", below: "server" }),
      span("elsewhere", [70, 80], { below: "unknown" }),
    ]
    deepStrictEqual(zeros(trace), [20, 20, 40, 40, 20, 20])
  })

  it("the first span of a trace that has no exchange", () => {
    deepStrictEqual(zeros([span("late", [7, 9]), span("early", [3, 9])]), [3, 3])
    deepStrictEqual(zeros(leftBehind), [0])
  })
})
