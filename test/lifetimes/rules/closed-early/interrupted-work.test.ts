import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import { judge } from "../../../../otel/lifetimes/judge.ts"
import type { Exchange } from "../../../../otel/lifetimes/model.ts"
import { scopeClosedEarly } from "../../../../otel/lifetimes/rules/scope-closed-early.ts"
import { afterwards, at, confidences, exchange, held, scope, stream } from "../../exchange.ts"

type CutOff = NonNullable<Exchange["cutOff"]>

const request = scope("request", [0, 9])
const nested = scope("nested", [1, 2])

const byNested: CutOff = {
  at: at(2),
  otherTrace: undefined,
  by: { name: "nested", span: nested.span, belongsTo: "this exchange" },
  code: undefined,
}

const byProgram = (millis: number): CutOff => ({
  at: at(millis),
  otherTrace: undefined,
  by: {
    name: "start",
    span: { traceId: "program", spanId: "start" },
    belongsTo: "the program",
  },
  code: { function: "start", file: "/app/start.ts", line: 9 },
})

/** A body that ended at 8 ms with that interrupt. */
const body = (cutOff: CutOff, more: Partial<Exchange> = {}): Exchange =>
  exchange([0, 9], {
    failed: true,
    cutOff,
    scopes: [request, nested],
    streams: [stream([3, 8], { reads: [], exit: "interrupt", endedBy: "failure" })],
    ...more,
  })

describe("scope-closed-early of what was interrupted", () => {
  it("is certain where a nested scope had stopped what the body waited for", () => {
    const [hit] = held(scopeClosedEarly, body(byNested))
    strictEqual(hit?.confidence, "certain")
    strictEqual(
      hit?.message,
      'Scope "nested" closed at 2.00 ms, which interrupted what stream "event" waited for: it failed with that ' +
        "interrupt at 8.00 ms.",
    )
    deepStrictEqual(hit?.spanIds, ["nested", "event"])
  })

  it("is the only finding about that body", () => {
    const { matches } = judge(body(byNested), afterwards)
    deepStrictEqual(
      matches.map(({ rule }) => rule),
      ["scope-closed-early"],
    )
  })

  it("is certain where a scope of the program had closed before the request began", () => {
    const [hit] = held(scopeClosedEarly, body(byProgram(-90), { streams: [] }))
    strictEqual(hit?.confidence, "certain")
    strictEqual(
      hit?.message,
      'Scope "start" of the program had closed 90.0 ms before GET /event began, which interrupted what ' +
        "GET /event waited for: it failed with that interrupt at 9.00 ms.",
    )
  })

  it("is likely where another fiber closed the scope while the body ran: that may be its purpose", () => {
    const closedLate = scope("nested", [1, 5], { closedByFiber: 7 })
    const judged = body(byNested, { handlerReturnedAt: at(2.5), scopes: [request, closedLate] })
    deepStrictEqual(confidences(scopeClosedEarly, judged), ["likely"])
  })

  it("says nothing of what the program interrupts while somebody waits for it", () => {
    deepStrictEqual(confidences(scopeClosedEarly, body(byProgram(4))), [])
  })

  it("says nothing where the exchange went on without that", () => {
    deepStrictEqual(confidences(scopeClosedEarly, body(byNested, { failed: undefined })), [])
  })

  it.each(["client", "shutdown"] as const)("says nothing where the %s ended it", (endedBy) => {
    deepStrictEqual(confidences(scopeClosedEarly, body(byNested, { endedBy })), [])
  })
})
