import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import type { Exchange, SourceEnd, StreamRun, Subscription } from "../../../otel/lifetimes/model.ts"
import { starvedStream } from "../../../otel/lifetimes/rules/starved-stream.ts"
import {
  again,
  at,
  confidences,
  exchange,
  held,
  live,
  queue,
  scope,
  sourceEnd,
  stream,
  subscription,
} from "../exchange.ts"

const request = scope("request", [0])

const bus = (end: SourceEnd | undefined, more: Partial<Subscription> = {}): Subscription =>
  subscription(request, [1], { readByFork: true, sourceEnd: end, delivered: 4, ...more })

const other = (end: SourceEnd | undefined, more: Partial<Subscription> = {}): Subscription =>
  bus(end, { name: "other", span: { traceId: "trace", spanId: "other" }, ...more })

const watching = (
  subscriptions: ReadonlyArray<Subscription>,
  streamFields: Partial<StreamRun> = {},
): Exchange =>
  exchange([0], {
    endedBy: undefined,
    scopes: [request],
    subscriptions,
    streams: [
      stream([2], { reads: subscriptions.map(({ span }) => span.spanId), ...streamFields }),
    ],
  })

/** The PubSub is shut down at 100 ms, and the stream goes on. */
const starved = (end: Partial<SourceEnd> = {}, streamFields: Partial<StreamRun> = {}): Exchange =>
  watching([bus(sourceEnd(100, end))], streamFields)

const by = (belongsTo: "this exchange" | "another exchange" | "the program"): SourceEnd["by"] => ({
  name: "bus scope",
  span: { traceId: "program", spanId: "bus scope" },
  belongsTo,
})

describe("starved-stream", () => {
  it("is likely where the PubSub was shut down and the stream went on", () => {
    deepStrictEqual(confidences(starvedStream, starved()), ["likely"])
  })

  it("holds where the stream ended, but only long afterwards", () => {
    deepStrictEqual(confidences(starvedStream, starved({}, { endedAt: at(1_101) })), ["likely"])
  })

  it.each(["this exchange", "another exchange"] as const)(
    "holds where a scope of %s shut it down",
    (whose) => {
      deepStrictEqual(confidences(starvedStream, starved({ by: by(whose) })), ["likely"])
    },
  )

  it("holds where the program replaced it by a new one", () => {
    const judged = starved({ by: by("the program"), replaced: true })
    deepStrictEqual(confidences(starvedStream, judged), ["likely"])
  })

  it("says in one sentence what happened to the PubSub, and that the stream was open", () => {
    const says = (judged: Exchange) => held(starvedStream, judged)[0]?.message
    strictEqual(
      says(starved()),
      'PubSub "bus" was shut down at 100 ms, and stream "event", which read no other, was ' +
        "still open when it was judged, 9.90 s later: none of its events can reach it any more.",
    )
    strictEqual(
      says(starved({ replaced: true }, { endedAt: at(2_100) })),
      'PubSub "bus" was shut down and replaced by a new one at 100 ms, and stream "event", which ' +
        "read no other, ran on for 2.00 s: none of its events can reach it any more.",
    )
  })

  it("has stream, PubSub, times and who did it as evidence", () => {
    const judged = starved({ by: by("another exchange"), replaced: true }, { endedAt: at(5_000) })
    deepStrictEqual(held(starvedStream, judged)[0]?.evidence, {
      stream: "event",
      resource: "bus",
      "source.ended_ms": 100,
      "source.replaced": true,
      "source.ended_by": "bus scope",
      "stream.open_until_ms": 5_000,
      "resource.delivered": 4,
    })
  })

  it("has no evidence of what is not known", () => {
    const [hit] = held(starvedStream, starved())
    const facts = Object.keys(hit?.evidence ?? {})
    deepStrictEqual(
      facts.filter((fact) => fact.startsWith("source.")),
      ["source.ended_ms"],
    )
  })

  it("is about the subscription and the stream", () => {
    const [found] = held(starvedStream, starved())
    deepStrictEqual(
      [found?.operation, found?.spanIds, found?.stream],
      ["subscription bus", ["bus", "event"], "event"],
    )
  })

  it("knows until when an exchange was seen open", () => {
    const judged = { ...starved(), openUntil: at(1_100) }
    deepStrictEqual(confidences(starvedStream, judged), [])
    deepStrictEqual(confidences(starvedStream, { ...judged, openUntil: at(1_101) }), ["likely"])
  })

  it("counts from the last of several that were shut down", () => {
    const judged = watching([bus(sourceEnd(100)), other(sourceEnd(3_000))])
    deepStrictEqual(
      held(starvedStream, judged).map(({ operation }) => operation),
      ["subscription other"],
    )
  })

  it("says nothing where one of two has its source still", () => {
    deepStrictEqual(
      confidences(starvedStream, watching([bus(sourceEnd(100)), other(undefined)])),
      [],
    )
  })

  it("says nothing where one of two ended with a last message", () => {
    const judged = watching([bus(sourceEnd(100)), other(sourceEnd(200, { how: "ended" }))])
    deepStrictEqual(confidences(starvedStream, judged), [])
  })

  it("says nothing where the PubSub ended with a last message", () => {
    deepStrictEqual(confidences(starvedStream, starved({ how: "ended" })), [])
  })

  it("says nothing where a scope of the program shut it down for good", () => {
    deepStrictEqual(confidences(starvedStream, starved({ by: by("the program") })), [])
  })

  it("says nothing where the part of the stream that read it has closed its scope too", () => {
    const judged = watching([bus(sourceEnd(100), { ownerClosed: true })])
    deepStrictEqual(confidences(starvedStream, judged), [])
  })

  it("holds where the owner closed only long afterwards, as when the program stops", () => {
    const owner = scope("connection", [0, 1_500], { role: "connection" })
    const read = bus(sourceEnd(100), {
      ownerClosed: true,
      owner: { name: "connection", spanId: "connection", inExchange: true },
    })
    const judged = { ...watching([read], { endedAt: at(1_501) }), scopes: [request, owner] }
    deepStrictEqual(confidences(starvedStream, judged), ["likely"])
  })

  it("says nothing where the stream's own fiber read it, which goes on to something else", () => {
    const judged = watching([bus(sourceEnd(100), { readByFork: false })])
    deepStrictEqual(confidences(starvedStream, judged), [])
  })

  it("says nothing where the stream ended within the grace period", () => {
    deepStrictEqual(confidences(starvedStream, starved({}, { endedAt: at(1_100) })), [])
  })

  it("says nothing where the stream began afterwards", () => {
    deepStrictEqual(confidences(starvedStream, starved({}, { startedAt: at(101) })), [])
  })

  it("says nothing of a stream that reads no subscription", () => {
    deepStrictEqual(confidences(starvedStream, starved({}, { reads: [] })), [])
  })

  it("says nothing where the stream reads something that is not known", () => {
    deepStrictEqual(confidences(starvedStream, starved({}, { reads: ["bus", "theirs"] })), [])
  })

  it("says nothing where a stream within it reads something that has its source still", () => {
    const judged = watching([bus(sourceEnd(100)), other(undefined)], { reads: ["bus"] })
    const inner = stream([3], { name: "inner", reads: ["bus", "other"] })
    const both = { ...judged, streams: [...judged.streams, inner] }
    deepStrictEqual(confidences(starvedStream, both), [])
  })

  it("holds where a stream of the exchange had something else to read, and ended before", () => {
    const judged = watching([bus(sourceEnd(100)), other(undefined)], { reads: ["bus"] })
    const before = stream([1, 50], { name: "before", reads: ["other"] })
    const both = { ...judged, streams: [...judged.streams, before] }
    deepStrictEqual(confidences(starvedStream, both), ["likely"])
  })

  it("waits until the grace period is over", () => {
    strictEqual(again(starvedStream, starved(), live(1_100)), 1_100)
    deepStrictEqual(confidences(starvedStream, starved(), live(1_101)), ["likely"])
  })

  it("has nothing to wait for while the PubSub is alive", () => {
    deepStrictEqual(confidences(starvedStream, watching([bus(undefined)]), live(50)), [])
  })
})

describe("starved-stream of a Layer that was built twice", () => {
  const elsewhere = (millis = 100): Partial<Subscription> => ({
    publishedElsewhere: { at: at(millis), count: 4 },
    delivered: 0,
    readByFork: false,
  })

  it("is likely where the stream went on without an event", () => {
    deepStrictEqual(confidences(starvedStream, watching([bus(undefined, elsewhere())])), ["likely"])
  })

  it("says where the messages went", () => {
    const judged = watching([bus(undefined, elsewhere())], { endedAt: at(2_100) })
    const [hit] = held(starvedStream, judged)
    strictEqual(
      hit?.message,
      'Nothing was ever published to PubSub "bus", which stream "event" reads. The Layer that made it ' +
        "was built twice, and 4 messages went to the PubSub of its other build, which nobody reads. The " +
        "stream stayed open for 2.00 s after that.",
    )
    strictEqual(hit?.evidence["published.elsewhere"], 4)
  })

  it("waits until the grace period is over", () => {
    const judged = watching([bus(undefined, elsewhere())])
    strictEqual(again(starvedStream, judged, live(500)), 1_100)
  })

  it("is silent where the stream reads another that may be fed", () => {
    const both = watching([bus(undefined, elsewhere()), other(undefined)])
    deepStrictEqual(confidences(starvedStream, both), [])
    const fed = { ...watching([bus(undefined, elsewhere())]), queues: [queue([1])] }
    deepStrictEqual(confidences(starvedStream, fed), [])
  })

  it("is silent where the stream ended in time", () => {
    const judged = watching([bus(undefined, elsewhere())], { endedAt: at(900) })
    deepStrictEqual(confidences(starvedStream, judged), [])
  })
})
