import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import type { Client, Exchange } from "../../../otel/lifetimes/model.ts"
import { disconnectUnseen } from "../../../otel/lifetimes/rules/disconnect-unseen.ts"
import {
  afterwards,
  again,
  at,
  client,
  confidences,
  exchange,
  held,
  live,
  type Millis,
} from "../exchange.ts"

const rule = disconnectUnseen

/** Still open, and known to be until then. */
const open = (openUntil: number | undefined, seenBy: Client | undefined): Exchange =>
  exchange([0], {
    endedBy: undefined,
    openUntil: openUntil === undefined ? undefined : at(openUntil),
    client: seenBy,
  })

/** It connected a millisecond before, so that it left at 1,001 ms at the latest. */
const left = client(1_000, "client")

const ended = (millis: Millis, endedBy: Exchange["endedBy"], seenBy = left): Exchange =>
  exchange(millis, { endedBy, client: seenBy })

/** The same client on a machine whose clock is off by so many milliseconds. */
const skewed = (millis: number): Client => ({
  ...left,
  startedAt: at(-1 + millis),
  endedAt: at(1_000 + millis),
})

describe("disconnect-unseen", () => {
  it("is certain where the exchange was seen open a grace period after its client had left", () => {
    deepStrictEqual(confidences(rule, open(3_000, left), live(3_000)), ["certain"])
  })

  it("is certain where only a shutdown ended the exchange", () => {
    deepStrictEqual(confidences(rule, ended([0, 5_000], "shutdown")), ["certain"])
  })

  it("is likely where the recording ends without an end of the exchange", () => {
    deepStrictEqual(confidences(rule, open(900, left)), ["likely"])
  })

  it("says in one sentence when the client left, and for how long the exchange was open", () => {
    const says = (judged: Exchange) => held(rule, judged)[0]?.message
    strictEqual(
      says(open(3_001, left)),
      "The client of GET /event left at 1.00 s, and the exchange was still open 2.00 s later: the " +
        "server did not notice, and keeps everything that was acquired for it.",
    )
    strictEqual(
      says(open(undefined, left)),
      "The client of GET /event left at 1.00 s, and the exchange had sent no end 9.00 s later: the " +
        "server did not notice, and keeps everything that was acquired for it.",
    )
  })

  it("has the times and the status as evidence", () => {
    deepStrictEqual(held(rule, ended([0, 5_000], "shutdown"))[0]?.evidence, {
      "client.left_ms": 1_001,
      "exchange.open_until_ms": 5_000,
      "http.response.status_code": 200,
    })
  })

  it("is about the exchange and its client", () => {
    const [found] = held(rule, open(3_000, left))
    deepStrictEqual(
      [found?.operation, found?.spanIds, found?.stream],
      ["GET /event", ["GET /event", "client"], undefined],
    )
  })

  it.each([-60_000, 60_000])("judges alike where the client's clock is off by %i ms", (skew) => {
    deepStrictEqual(confidences(rule, open(3_000, skewed(skew))), ["certain"])
    deepStrictEqual(confidences(rule, ended([0, 2_001], "shutdown", skewed(skew))), [])
  })

  it("waits for the end of the client, and of the exchange", () => {
    strictEqual(again(rule, open(1_500, left), live(1_500)), "news")
    strictEqual(again(rule, open(900, client(undefined, "client")), live(900)), "news")
  })

  it("says nothing where the recording ends within the grace period", () => {
    deepStrictEqual(confidences(rule, open(900, left), { ...afterwards, now: at(1_900) }), [])
  })

  it("says nothing where the shutdown came within the grace period", () => {
    deepStrictEqual(confidences(rule, ended([0, 2_001], "shutdown")), [])
  })

  it.each(["client", "server", undefined] as const)(
    "says nothing where the exchange has ended by %s, however late",
    (endedBy) => {
      deepStrictEqual(confidences(rule, ended([0, 9_000], endedBy)), [])
    },
  )

  it("needs no span of the client where the platform says that it left", () => {
    const unseen = (more: Partial<Exchange>, millis: Millis = [0]) =>
      exchange(millis, { endedBy: undefined, clientLeftAt: at(1_000), ...more })
    deepStrictEqual(confidences(rule, unseen({}), live(2_001)), ["certain"])
    deepStrictEqual(confidences(rule, unseen({ openUntil: at(2_001) })), ["certain"])
    deepStrictEqual(confidences(rule, unseen({ endedBy: "client" }, [0, 5_000])), ["certain"])
    deepStrictEqual(confidences(rule, unseen({ endedBy: "client" }, [0, 1_900])), [])
    strictEqual(again(rule, unseen({}), live(1_500)), 2_000.001)
  })

  it("holds where Effect was told late", () => {
    const late = { clientLeftAt: at(1_000), leaveSeenAt: at(2_500), endedBy: "client" } as const
    deepStrictEqual(confidences(rule, exchange([0, 2_501], late)), ["certain"])
  })

  it("says nothing where Effect was told, however long the teardown takes", () => {
    const told = { clientLeftAt: at(1_000), leaveSeenAt: at(1_001), client: left }
    deepStrictEqual(confidences(rule, exchange([0], { endedBy: undefined, ...told })), [])
    deepStrictEqual(confidences(rule, exchange([0, 9_000], { endedBy: "client", ...told })), [])
  })

  it("says nothing where the client did not leave by itself", () => {
    for (const seenBy of [undefined, client(1_000, "server"), client(1_000, "error")]) {
      deepStrictEqual(confidences(rule, open(9_000, seenBy)), [])
    }
  })
})
