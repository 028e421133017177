import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import type { Exchange, Subscription } from "../../../otel/lifetimes/model.ts"
import { deferredTeardown } from "../../../otel/lifetimes/rules/deferred-teardown.ts"
import {
  again,
  at,
  confidences,
  exchange,
  held,
  live,
  ownedByProgram,
  scope,
  stream,
  subscription,
} from "../exchange.ts"

const untraced: Subscription["owner"] = {
  name: "an untraced scope",
  spanId: undefined,
  inExchange: false,
}
const request = scope("request", [0, 100])

/** The client leaves at 100 ms, a message is published at 5 s, and the subscription released then. */
const deferred = (
  subscriptionFields: Partial<Subscription> = {},
  more: Partial<Exchange> = {},
): Exchange =>
  exchange([0, 100], {
    endedBy: "client",
    scopes: [request],
    subscriptions: [
      subscription(request, [1, 5_001], {
        owner: untraced,
        releasedBy: undefined,
        untracedReadAt: at(5_000),
        ...subscriptionFields,
      }),
    ],
    streams: [stream([1, 99], { endedBy: "client", exit: "interrupt", reads: [] })],
    ...more,
  })

const held5 = { endedAt: undefined, untracedReadAt: undefined }

describe("deferred-teardown", () => {
  it("is certain where the message that followed the disconnect released it", () => {
    deepStrictEqual(confidences(deferredTeardown, deferred()), ["certain"])
  })

  it("holds whoever took that message", () => {
    const unread = deferred({ untracedReadAt: undefined, unreadPublishAt: at(5_000) })
    deepStrictEqual(confidences(deferredTeardown, unread), ["certain"])
  })

  it("holds up to 100 ms after the message", () => {
    deepStrictEqual(confidences(deferredTeardown, deferred({ endedAt: at(5_100) })), ["certain"])
  })

  it("holds for as much longer as the process stood still after the message", () => {
    const stalledAt = (millis: number) =>
      deferred({ endedAt: at(5_300), stalled: { at: at(millis), lasted: 200_000 } })
    deepStrictEqual(confidences(deferredTeardown, stalledAt(5_250)), ["certain"])
    deepStrictEqual(confidences(deferredTeardown, stalledAt(4_990)), [])
  })

  it("speaks of the first message after the disconnect, whoever took those before", () => {
    const judged = deferred({ unreadPublishAt: at(50) })
    deepStrictEqual(confidences(deferredTeardown, judged), ["certain"])
  })

  it("says in one sentence when the client left and when it was released", () => {
    strictEqual(
      held(deferredTeardown, deferred())[0]?.message,
      'The client left at 100 ms, and subscription "bus" was still held 4.90 s later: it was ' +
        "released at 5.00 s, when the next message reached it.",
    )
  })

  it("has names and times as evidence", () => {
    deepStrictEqual(held(deferredTeardown, deferred())[0]?.evidence, {
      resource: "bus",
      stream: "event",
      "exchange.ended_ms": 100,
      "message.published_ms": 5_000,
      "resource.released_ms": 5_001,
    })
  })

  it("is about the subscription", () => {
    const [found] = held(deferredTeardown, deferred())
    deepStrictEqual(
      [found?.operation, found?.spanIds, found?.stream],
      ["subscription bus", ["bus"], undefined],
    )
  })

  it("says nothing where no message had come before the release", () => {
    deepStrictEqual(confidences(deferredTeardown, deferred({ untracedReadAt: undefined })), [])
  })

  it("says nothing where the only message came before the disconnect", () => {
    deepStrictEqual(confidences(deferredTeardown, deferred({ untracedReadAt: at(50) })), [])
  })

  it("is silent where what reads it was at work for others when the exchange was over", () => {
    deepStrictEqual(confidences(deferredTeardown, deferred({ shared: true })), [])
  })

  it("says nothing where the release came long after the message", () => {
    deepStrictEqual(confidences(deferredTeardown, deferred({ endedAt: at(5_101) })), [])
  })

  it("says nothing where the message came after the release", () => {
    deepStrictEqual(confidences(deferredTeardown, deferred({ endedAt: at(4_999) })), [])
  })

  it("says nothing where the message came within the grace period", () => {
    const judged = deferred({ untracedReadAt: at(1_100), endedAt: at(1_101) })
    deepStrictEqual(confidences(deferredTeardown, judged), [])
  })

  it("says nothing where it was released with the exchange", () => {
    deepStrictEqual(confidences(deferredTeardown, deferred({ endedAt: at(100) })), [])
  })

  it("says nothing where the server ended the exchange, or a shutdown did", () => {
    for (const endedBy of ["server", "shutdown"] as const) {
      deepStrictEqual(confidences(deferredTeardown, deferred({}, { endedBy })), [])
    }
  })

  it("says nothing of what a scope of the program owns", () => {
    deepStrictEqual(confidences(deferredTeardown, deferred({ owner: ownedByProgram })), [])
  })

  it("says nothing of an exchange that had no stream", () => {
    deepStrictEqual(confidences(deferredTeardown, deferred({}, { streams: [] })), [])
  })

  it("says nothing of a recording that ends before a message came", () => {
    deepStrictEqual(confidences(deferredTeardown, deferred(held5)), [])
  })

  it("waits for the end of the exchange", () => {
    const open = deferred(held5, { endedAt: undefined, endedBy: undefined })
    strictEqual(again(deferredTeardown, open, live(50)), "news")
  })

  it("waits for a message while none has come", () => {
    strictEqual(again(deferredTeardown, deferred(held5), live(9_000)), "news")
  })

  it("waits for the release that a message may bring", () => {
    const reached = deferred({ endedAt: undefined })
    strictEqual(again(deferredTeardown, reached, live(5_050)), 5_100)
    strictEqual(again(deferredTeardown, reached, live(5_100)), 5_100)
  })

  it("gives up where the message did not release it", () => {
    const reached = deferred({ endedAt: undefined })
    deepStrictEqual(confidences(deferredTeardown, reached, live(5_101)), [])
  })
})

describe("deferred-teardown of a body that takes long to end", () => {
  /** Its client left at 500 ms, of which it was told at once. */
  const leaving = (end: number | undefined, more: Partial<Exchange> = {}): Exchange =>
    exchange([0, end], {
      endedBy: end === undefined ? undefined : "client",
      clientLeftAt: at(500),
      leaveSeenAt: at(501),
      ...more,
    })

  it("is likely where that takes longer than the grace period: it may be slow for a good reason", () => {
    deepStrictEqual(confidences(deferredTeardown, leaving(1_502)), ["likely"])
    deepStrictEqual(confidences(deferredTeardown, leaving(1_501)), [])
  })

  it("is silent about finalizers of the request that take long", () => {
    const slow = scope("request", [0, 1_800], { closedAt: at(510) })
    deepStrictEqual(confidences(deferredTeardown, leaving(520, { scopes: [slow] })), [])
  })

  it("says so while it is not done", () => {
    const [hit] = held(deferredTeardown, leaving(undefined), live(3_001))
    strictEqual(
      hit?.message,
      "The client of GET /event left at 501 ms, and cleaning up was not done 2.50 s later: it waits for " +
        "something that nobody stops.",
    )
  })

  it("asks again when the grace period has passed", () => {
    strictEqual(again(deferredTeardown, leaving(undefined), live(600)), 1_501)
  })

  it("is silent where nobody was told that the client had left: another rule says so", () => {
    const unseen = leaving(5_000, { leaveSeenAt: undefined })
    deepStrictEqual(confidences(deferredTeardown, unseen), [])
  })

  it("is silent where the program stops", () => {
    deepStrictEqual(confidences(deferredTeardown, leaving(5_000, { endedBy: "shutdown" })), [])
  })
})
