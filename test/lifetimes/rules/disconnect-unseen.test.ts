import { deepStrictEqual, match, ok, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import type { Client, Exchange } from "../../../otel/lifetimes/model.ts"
import { NotYet } from "../../../otel/lifetimes/rule.ts"
import { disconnectUnseen } from "../../../otel/lifetimes/rules/disconnect-unseen.ts"
import { afterwards, at, exchange, live } from "../exchange.ts"

const client = (end: number | undefined, endedBy: Client["endedBy"]): Client => ({
  span: { traceId: "trace", spanId: "client" },
  name: "client GET /event",
  startedAt: at(-1),
  endedAt: end === undefined ? undefined : at(end),
  firstByteAt: undefined,
  firstEventAt: undefined,
  endedBy,
  events: 0,
})

/** Still open, and known to be until then. */
const open = (openUntil: number | undefined, seenBy: Client | undefined): Exchange =>
  exchange([0], {
    endedBy: undefined,
    openUntil: openUntil === undefined ? undefined : at(openUntil),
    client: seenBy,
  })

const left = client(1_000, "client")

describe("disconnect-unseen", () => {
  it("is certain where the exchange was seen open a grace period after its client had left", () => {
    const verdict = disconnectUnseen.judge(open(3_000, left), live(3_000))
    if (verdict instanceof NotYet) throw new Error("it asks for more time")
    deepStrictEqual(
      verdict.map(({ confidence, spanIds }) => [confidence, spanIds]),
      [["certain", ["GET /event", "client"]]],
    )
    match(
      verdict[0]?.message ?? "",
      /left at 1\.00 s, and the exchange was still open 2\.00 s later/,
    )
  })

  it("is likely where the recording ends without an end of the exchange", () => {
    const verdict = disconnectUnseen.judge(open(900, left), afterwards)
    strictEqual(verdict instanceof NotYet ? verdict : verdict[0]?.confidence, "likely")
  })

  it("says nothing before it is sure", () => {
    ok(disconnectUnseen.judge(open(1_500, left), live(1_500)) instanceof NotYet)
    ok(disconnectUnseen.judge(open(900, client(undefined, "client")), live(900)) instanceof NotYet)
  })

  it("says nothing where the recording ends within the grace period", () => {
    const moment = { ...afterwards, now: at(1_900) }
    deepStrictEqual(disconnectUnseen.judge(open(900, left), moment), [])
  })

  it("says nothing where the exchange has ended, or the client did not leave by itself", () => {
    const ended = exchange([0, 1_001], { endedBy: "client", client: left })
    deepStrictEqual(disconnectUnseen.judge(ended, afterwards), [])
    for (const seenBy of [undefined, client(1_000, "server"), client(1_000, "error")]) {
      deepStrictEqual(disconnectUnseen.judge(open(9_000, seenBy), afterwards), [])
    }
  })
})
