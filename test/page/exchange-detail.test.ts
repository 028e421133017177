import { deepStrictEqual, ok, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import { judgeTrace } from "../../otel/lifetimes/judge-trace.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import { traceOf } from "../../otel/lifetimes/trace.ts"
import { exchangeDetailOf } from "../../src/page/exchange-detail.ts"
import { exchangeRowOf } from "../../src/page/exchange-row.ts"
import { brokenTrace } from "../collector/broken-trace.ts"

const judged = (spans: ReadonlyArray<Span>) => {
  const trace = traceOf(spans)
  const moment = { now: 1e15, grace: 1e6, final: true }
  return { trace, exchanges: judgeTrace(trace, moment).exchanges }
}

const one = brokenTrace(1)

/** Another exchange of the same trace. */
const other = one.map((span) => ({
  ...span,
  spanId: span.spanId.replace(/^0/, "f"),
  ...(span.parentSpanId === undefined
    ? {}
    : { parentSpanId: span.parentSpanId.replace(/^0/, "f") }),
}))

const idsOf = (spans: ReadonlyArray<Span>) => spans.map(({ spanId }) => spanId).sort()

describe("the detail of an exchange", () => {
  it("has the spans of that exchange only, and names the kinds of its findings as its row does", () => {
    const { trace, exchanges } = judged([...one, ...other])
    strictEqual(exchanges.length, 2)
    const details = exchanges.map((exchange) => exchangeDetailOf(exchange, trace))
    deepStrictEqual(
      new Set(details.map(({ spans }) => idsOf(spans).join())),
      new Set([idsOf(one).join(), idsOf(other).join()]),
    )
    for (const [index, exchange] of exchanges.entries()) {
      ok(exchange.matches.length > 0)
      deepStrictEqual(details[index]?.kinds, exchangeRowOf(exchange, { run: 1 }).kinds)
    }
  })

  it("ends where the parents of spans go in circles", () => {
    const [server] = one
    const circle = ["a", "b"].map((id, index, ids) => ({
      ...server,
      kind: "internal" as const,
      spanId: id.repeat(16),
      parentSpanId: ids[1 - index]?.repeat(16),
    }))
    const { trace, exchanges } = judged([...one, ...other, ...circle])
    const details = exchanges.map((exchange) => exchangeDetailOf(exchange, trace))
    deepStrictEqual(details.flatMap(({ spans }) => idsOf(spans)).sort(), idsOf([...one, ...other]))
  })
})
