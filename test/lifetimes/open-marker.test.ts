import { deepStrictEqual, match, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as A from "../../otel/attributes.ts"
import { diagnose } from "../../otel/lifetimes/diagnose.ts"
import { exchangesOf } from "../../otel/lifetimes/from-spans.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import { traces } from "../../otel/lifetimes/trace.ts"
import { at } from "./exchange.ts"
import { client, server, span, spanId } from "./spans.ts"

/** A marker that the exchange below the client was open at that moment. */
const marker = (name: string, millis: number): Span => {
  const marked = span(name, [0, millis], {
    below: "server",
    attributes: {
      [A.LIFETIME_KIND]: "open",
      [A.LIFETIME_OPEN]: true,
      [A.HTTP_METHOD]: "GET",
      [A.HTTP_ROUTE]: "/event",
      "effect.exchange.parent_span_id": spanId("client"),
    },
  })
  return { ...marked, name: "open GET /event" }
}

const exchangesIn = (spans: ReadonlyArray<Span>) => [...traces(spans).values()].flatMap(exchangesOf)

describe("a marker", () => {
  it("stands for the server span that has not come, with the client that it answers", () => {
    const [exchange, ...others] = exchangesIn([client([-1, 900]), marker("one", 1_000)])
    deepStrictEqual(others, [])
    deepStrictEqual(exchange?.span.spanId, spanId("server"))
    deepStrictEqual([exchange?.name, exchange?.route], ["GET /event", "GET /event"])
    deepStrictEqual([exchange?.endedAt, exchange?.openUntil], [undefined, at(1_000)])
    strictEqual(exchange?.client?.span.spanId, spanId("client"))
  })

  it("counts as far as the latest one of its exchange", () => {
    for (const spans of [
      [marker("one", 1_000), marker("two", 10_000)],
      [marker("two", 10_000), marker("one", 1_000)],
    ]) {
      const [exchange, ...others] = exchangesIn(spans)
      deepStrictEqual([exchange?.openUntil, others], [at(10_000), []])
    }
  })

  it("is folded into its span once that has come", () => {
    const spans = [marker("one", 1_000), server([0, 30_000]), marker("two", 10_000)]
    const { exchangesJudged, exchangesOpen, findings } = diagnose(spans)
    deepStrictEqual([exchangesJudged, exchangesOpen, findings], [1, 0, []])
  })

  it("is not counted beside its span, nor twice where that has not come", () => {
    const markers = [marker("one", 1_000), marker("two", 10_000)]
    strictEqual(diagnose([server([0, 30_000]), ...markers]).spans, 1)
    strictEqual(diagnose([client([-1, 900]), ...markers]).spans, 2)
  })

  it("of a span within an exchange says to which exchange belongs what is below it", () => {
    const open = { [A.LIFETIME_KIND]: "open", [A.LIFETIME_OPEN]: true }
    const within = span("marker", [0, 1_000], {
      below: "handler",
      attributes: { ...open, "effect.exchange.parent_span_id": spanId("server") },
    })
    const scope = span("scope", [1, 2], {
      below: "handler",
      attributes: { [A.LIFETIME_KIND]: "scope", [A.SCOPE_NAME]: "inner" },
    })
    const other = { ...server([0, 900]), spanId: spanId("other") }
    const exchanges = exchangesIn([other, marker("one", 1_000), within, scope])
    deepStrictEqual(
      exchanges.map(({ span, scopes }) => [span.spanId, scopes.map(({ name }) => name)]).toSorted(),
      [
        [spanId("other"), []],
        [spanId("server"), ["inner"]],
      ].toSorted(),
    )
    deepStrictEqual(diagnose([other, within, scope]).spans, 3)
  })

  it("shows a disconnect that the server did not see", () => {
    const spans = [client([-1, 1_000]), marker("two", 10_000)]
    const { exchangesOpen, findings, notes } = diagnose(spans)
    deepStrictEqual([exchangesOpen, notes], [1, []])
    deepStrictEqual(
      findings.map(({ rule, confidence, operation, route }) => [
        rule,
        confidence,
        operation,
        route,
      ]),
      [["disconnect-unseen", "certain", "GET /event", "GET /event"]],
    )
  })

  it("of a stream that its client still reads is no finding", () => {
    const { findings, notes } = diagnose([marker("one", 1_000), marker("two", 10_000)])
    deepStrictEqual(findings, [])
    match(notes.join(), /1 exchange had not ended when the spans were taken/)
  })
})
