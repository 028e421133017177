import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import type { CutOff } from "../../../otel/lifetimes/model.ts"
import { NotYet } from "../../../otel/lifetimes/rule.ts"
import { telemetryCutOff } from "../../../otel/lifetimes/rules/telemetry-cut-off.ts"
import { afterwards, at, confidences, exchange, fiber, scope, stream } from "../exchange.ts"

/** The exporter was shut down at 100 ms. */
const judge = (cutOff: Partial<CutOff> | undefined) => {
  const program = {
    service: "test",
    endedAt: at(200),
    orphans: [fiber([0])],
    cutOff: cutOff && { closedAt: at(100), count: 1, spans: [stream([40, 150])], ...cutOff },
  }
  const verdict = telemetryCutOff.judgeProgram?.(program, afterwards) ?? []
  if (verdict instanceof NotYet) throw new Error("it says: not yet")
  return verdict
}

describe("telemetry-cut-off", () => {
  it("is certain where a span ended after the exporter had been shut down", () => {
    deepStrictEqual(
      judge({}).map(({ confidence }) => confidence),
      ["certain"],
    )
  })

  it("says in one sentence how many were lost, and how late the first was", () => {
    deepStrictEqual(
      [1, 7].map((count) => judge({ count })[0]?.message),
      ["1 span", "7 spans"].map(
        (spans) =>
          `${spans} ended after the exporter had been flushed and shut down, the first, "event", ` +
          "50.0 ms later: nobody will ever see them.",
      ),
    )
  })

  it("has the count and the times of the first one as evidence, counted from the shutdown", () => {
    deepStrictEqual(judge({ count: 7 })[0]?.evidence, {
      "spans.lost": 7,
      "span.name": "event",
      "span.lasted_ms": 110,
      "span.ended_after_shutdown_ms": 50,
    })
  })

  it("is about the spans that are known", () => {
    const [found] = judge({ spans: [stream([40, 150]), scope("request", [0, 160])] })
    deepStrictEqual(
      [found?.operation, found?.spanIds, found?.stream],
      ["event", ["event", "request"], undefined],
    )
  })

  it("says nothing where no span was cut off", () => {
    deepStrictEqual(judge(undefined), [])
    deepStrictEqual(judge({ count: 0, spans: [] }), [])
  })

  it("says nothing of an exchange, whatever its trace lacks", () => {
    strictEqual(confidences(telemetryCutOff, exchange([0, 1])).length, 0)
    strictEqual(confidences(telemetryCutOff, exchange([0])).length, 0)
  })
})
