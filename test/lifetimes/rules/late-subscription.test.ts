import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import type { Exchange, StreamRun, Subscription } from "../../../otel/lifetimes/model.ts"
import { lateSubscription } from "../../../otel/lifetimes/rules/late-subscription.ts"
import { at, confidences, exchange, held, live, scope, stream, subscription } from "../exchange.ts"

const request = scope("request", [0, 100])

/** The first frame is sent at 2 ms, and the subscription acquired at 5 ms. */
const late = (
  subscriptionFields: Partial<Subscription> = {},
  streamFields: Partial<StreamRun> = {},
): Exchange =>
  exchange([0, 100], {
    endedBy: "client",
    scopes: [request],
    subscriptions: [subscription(request, [5, 100], subscriptionFields)],
    streams: [stream([1, 99], { firstEventAt: at(2), events: 3, ...streamFields })],
  })

const other = subscription(request, [1, 100], {
  name: "other",
  span: { traceId: "trace", spanId: "other" },
})

describe("late-subscription", () => {
  it("says nothing where a fork acquired it beside what was sent first", () => {
    deepStrictEqual(confidences(lateSubscription, late({ beside: true })), [])
  })

  it("is likely where something was published before the subscription existed", () => {
    deepStrictEqual(confidences(lateSubscription, late({ missedBefore: 1 })), ["likely"])
  })

  it("is likely where nothing happened to be published in between", () => {
    deepStrictEqual(confidences(lateSubscription, late()), ["likely"])
  })

  it("advises the handler of a call to give a stream, and no response", () => {
    const hits = ["GET /event", "RPC ticks"].flatMap((route) =>
      held(lateSubscription, { ...late(), route }),
    )
    deepStrictEqual(
      hits.map(({ suggestion }) => suggestion?.includes("Stream.unwrap")),
      [undefined, true],
    )
  })

  it("speaks while the exchange is open", () => {
    const judged = { ...late({ endedAt: undefined }, { endedAt: undefined }), endedAt: undefined }
    deepStrictEqual(confidences(lateSubscription, judged, live(6)), ["likely"])
  })

  it("counts what did not reach it in its sentence", () => {
    deepStrictEqual(
      [0, 1, 2].map((missedBefore) => held(lateSubscription, late({ missedBefore }))[0]?.message),
      [
        "nothing happened to be published in between",
        "1 message published in between did not reach this stream",
        "2 messages published in between did not reach this stream",
      ].map(
        (lost) =>
          'Stream "event" sent its first frame at 2.00 ms, 3.00 ms before subscription "bus" ' +
          `existed (5.00 ms): ${lost}.`,
      ),
    )
  })

  it("has names, times and the count as evidence", () => {
    deepStrictEqual(held(lateSubscription, late({ missedBefore: 2 }))[0]?.evidence, {
      stream: "event",
      "stream.first_event_ms": 2,
      resource: "bus",
      "resource.acquired_ms": 5,
      "messages.missed": 2,
    })
  })

  it("is about the subscription and the stream that reads it", () => {
    const [found] = held(lateSubscription, late())
    deepStrictEqual(
      [found?.operation, found?.spanIds, found?.stream],
      ["subscription bus", ["bus", "event"], "event"],
    )
  })

  it("says nothing where the subscription was acquired before the first frame, or with it", () => {
    for (const acquired of [0.5, 2]) {
      deepStrictEqual(confidences(lateSubscription, late({ startedAt: at(acquired) })), [])
    }
  })

  it("says nothing of a stream that has sent nothing yet", () => {
    deepStrictEqual(confidences(lateSubscription, late({}, { firstEventAt: undefined })), [])
  })

  it("says nothing of a stream that reads no subscription", () => {
    deepStrictEqual(confidences(lateSubscription, late({}, { reads: [] })), [])
  })

  it("says nothing where the stream had another subscription from the start", () => {
    const judged = late({ missedBefore: 2 }, { reads: ["other", "bus"] })
    const both = { ...judged, subscriptions: [...judged.subscriptions, other] }
    deepStrictEqual(confidences(lateSubscription, both), [])
  })

  it("says nothing where the stream reads something that is not known", () => {
    deepStrictEqual(confidences(lateSubscription, late({}, { reads: ["bus", "unknown"] })), [])
  })

  it("says nothing where the PubSub replays what was published before", () => {
    deepStrictEqual(confidences(lateSubscription, late({ replays: true })), [])
  })

  it("is likely where more was published than the PubSub replays", () => {
    const judged = late({ replays: true, missedBefore: 1 })
    deepStrictEqual(confidences(lateSubscription, judged), ["likely"])
  })

  it("speaks of each stream of the exchange", () => {
    const judged = late()
    const second = stream([3, 99], { firstEventAt: at(4), name: "second" })
    const both = { ...judged, streams: [...judged.streams, second] }
    strictEqual(held(lateSubscription, both).length, 2)
  })
})
