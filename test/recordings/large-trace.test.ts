import { describe, expect, it } from "vitest"
import * as A from "../../otel/attributes.ts"
import { diagnose } from "../../otel/lifetimes/diagnose.ts"
import { scopeSpan, server, span } from "../lifetimes/spans.ts"
import { hexOf } from "../otlp/spans.ts"

const many = 20_000

describe("one trace of tens of thousands of spans", () => {
  it("is judged in a time that grows with their number, where each is an exchange", () => {
    const exchanges = Array.from({ length: many }, (_, number) => ({
      ...server([number, number + 1]),
      spanId: hexOf(number + 1, 16),
      parentSpanId: hexOf(many + 1, 16),
    }))
    const { exchangesJudged } = diagnose([...exchanges, span("process", [0, many])])
    expect(exchangesJudged).toBe(many)
  }, 10_000)

  it("is judged in a time that grows with their number, where each is below the one before", () => {
    const chain = Array.from({ length: many }, (_, number) => ({
      ...scopeSpan("deep", "handler", [number, many], "server"),
      spanId: hexOf(number + 2, 16),
      parentSpanId: hexOf(number + 1, 16),
      attributes: { [A.LIFETIME_KIND]: "scope" },
    }))
    const root = { ...server([0, many]), spanId: hexOf(1, 16) }
    const { exchanges } = diagnose([...chain.toReversed(), root])
    expect(exchanges[0]?.exchange.scopes).toHaveLength(many)
  }, 10_000)
})
