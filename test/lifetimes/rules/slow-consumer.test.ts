import { deepStrictEqual, match, ok, strictEqual } from "node:assert"
import { readFileSync } from "node:fs"
import { describe, it } from "@effect/vitest"
import type { Exchange, Queue, Subscription } from "../../../otel/lifetimes/model.ts"
import { slowConsumer } from "../../../otel/lifetimes/rules/slow-consumer.ts"
import {
  again,
  at,
  confidences,
  exchange,
  held,
  live,
  type Millis,
  queue,
  scope,
  stream,
  subscription,
} from "../exchange.ts"

const request = scope("request", [0, 5_000])

const reading = (
  subscriptionFields: Partial<Subscription>,
  more: Partial<Exchange> = {},
): Exchange =>
  exchange([0, 5_000], {
    endedBy: "client",
    scopes: [request],
    subscriptions: [subscription(request, [0, 5_000], { delivered: 7, ...subscriptionFields })],
    streams: [stream([1, 4_999], { endedBy: "client" })],
    ...more,
  })

/** In microseconds. */
const grace = 1_000_000

const lost: Partial<Subscription> = { capacity: 16, missed: 3, backlogMax: 16, backlog: 16 }
const full: Partial<Subscription> = {
  capacity: 16,
  fullFor: grace + 1,
  backlogMax: 16,
  backlog: 16,
}
const growing: Partial<Subscription> = { fullFor: grace + 1, backlogMax: 2_000, backlog: 1_500 }

describe("slow-consumer", () => {
  it("is certain where messages were lost because the subscription was full", () => {
    deepStrictEqual(confidences(slowConsumer, reading(lost)), ["certain"])
  })

  it("is certain where publishers found it full for longer than the grace period", () => {
    deepStrictEqual(confidences(slowConsumer, reading(full)), ["certain"])
  })

  it("is likely where messages pile up without a bound", () => {
    deepStrictEqual(confidences(slowConsumer, reading(growing)), ["likely"])
  })

  it("begins where a thousand wait, and no fewer than half of the most that ever did", () => {
    const judged = reading({ ...growing, backlog: 1_000 })
    deepStrictEqual(confidences(slowConsumer, judged), ["likely"])
  })

  it("speaks while the exchange is open, and says for how long it has been read", () => {
    const judged = reading({ ...lost, endedAt: undefined }, { endedAt: undefined })
    const [found] = held(slowConsumer, judged, live(50))
    strictEqual(found?.confidence, "certain")
    match(found?.message ?? "", /: in 50\.0 ms it took 7 messages/)
  })

  it.each([
    ["3 messages were lost because its backlog had reached its capacity of 16", lost],
    [
      "1 message was lost because its backlog had reached its capacity of 16",
      { ...lost, missed: 1 },
    ],
    ["publishers found its backlog of 16 full for 1.00 s", full],
    ["1500 waited in its backlog, which has no bound and grows", growing],
  ])("says in one sentence: %s", (what, subscription) => {
    strictEqual(
      held(slowConsumer, reading(subscription))[0]?.message,
      'Stream "event" did not keep up with subscription "bus": in 5.00 s it took 7 messages, and ' +
        `${what}.`,
    )
  })

  it("has counts and the capacity as evidence", () => {
    const evidence = {
      resource: "bus",
      stream: "event",
      "resource.delivered": 7,
      "backlog.max": 16,
      "backlog.end": 16,
      capacity: 16,
      "messages.missed": 3,
      "full.for_ms": 0,
    }
    deepStrictEqual(held(slowConsumer, reading(lost))[0]?.evidence, evidence)
    strictEqual(held(slowConsumer, reading(growing))[0]?.evidence.capacity, "unbounded")
  })

  it("is about the subscription and its reader", () => {
    const [found] = held(slowConsumer, reading(lost))
    deepStrictEqual(
      [found?.operation, found?.spanIds, found?.stream],
      ["subscription bus", ["bus", "event"], "event"],
    )
  })

  it("says nothing where a full subscription was read within the grace period", () => {
    deepStrictEqual(confidences(slowConsumer, reading({ ...full, fullFor: grace })), [])
  })

  it("says nothing of a burst that is being read", () => {
    const burst = { ...growing, fullFor: grace, backlog: 2_000 }
    deepStrictEqual(confidences(slowConsumer, reading(burst)), [])
  })

  it("says nothing of a burst that was read", () => {
    deepStrictEqual(confidences(slowConsumer, reading({ ...growing, backlog: 999 })), [])
  })

  it("says nothing of a reader that catches up", () => {
    const catching = { ...growing, backlogMax: 5_000 }
    deepStrictEqual(confidences(slowConsumer, reading(catching)), [])
  })

  it("says nothing where only the latest value, or a signal, is kept", () => {
    deepStrictEqual(confidences(slowConsumer, reading({ ...lost, capacity: 1 })), [])
    const stalled = { ...full, capacity: 1, missed: 2_000 }
    deepStrictEqual(confidences(slowConsumer, reading(stalled)), [])
  })

  it("is certain where a publisher waits for a reader of one message at a time", () => {
    const waiting = { ...full, capacity: 1 }
    deepStrictEqual(confidences(slowConsumer, reading(waiting)), ["certain"])
  })

  it("says nothing of a subscription that no stream of the exchange reads", () => {
    deepStrictEqual(confidences(slowConsumer, reading(lost, { streams: [] })), [])
  })

  it("says nothing where the subscription was always read", () => {
    const kept = { capacity: 16, backlogMax: 16, endedAt: at(5_000) }
    deepStrictEqual(confidences(slowConsumer, reading(kept)), [])
  })
})

describe("the fix of slow-consumer", () => {
  const words = (text: string) => text.replace(/,?\s+/g, " ")

  /** The programs `stalled-...` of test/stock are broken without it, and right and silent with it. */
  it("is what heals a program with a bus that has a capacity", () => {
    const [fix = ""] = /PubSub\.remaining\(.*?forkScoped/s.exec(slowConsumer.suggestion) ?? []
    const program = readFileSync(new URL("../../stock/stalling.ts", import.meta.url), "utf8")
    ok(fix.includes("resetConnection"))
    ok(words(program).includes(words(fix)), fix)
    ok(slowConsumer.suggestion.includes("const bus = yield* PubSub.unbounded<Event>()"))
  })
})

describe("slow-consumer of a queue", () => {
  const behind: Partial<Queue> = { fullFor: grace + 1, backlogMax: 2_000, backlog: 1_500 }

  const waitingFor = (fields: Partial<Queue>, millis: Millis = [0, 5_000]): Exchange =>
    reading({}, { queues: [queue(millis, { ...behind, ...fields })] })

  it("is likely where messages pile up without a bound", () => {
    deepStrictEqual(confidences(slowConsumer, waitingFor({})), ["likely"])
  })

  it("says in one sentence what waited where, and leads there", () => {
    const [hit] = held(slowConsumer, waitingFor({}))
    strictEqual(
      hit?.message,
      'Stream "event" did not keep up with a queue (made in subscribe, /app/event.ts:12): after ' +
        "5.00 s 1500 messages waited in it, which has no bound, and 1000 or more had for 1.00 s.",
    )
    strictEqual(hit?.evidence["code.function.name"], "subscribe")
    deepStrictEqual([hit?.operation, hit?.spanIds], ["queue subscribe", ["subscribe", "event"]])
  })

  it("waits until that has lasted", () => {
    const young = waitingFor({ fullFor: 300_000 }, [0])
    strictEqual(again(slowConsumer, young, live(2_000)), 2_700.001)
  })

  it.each<[string, Partial<Queue>]>([
    ["it has a bound", { capacity: 2_000 }],
    ["nothing more can come", { finished: true }],
    ["few wait", { backlog: 999 }],
    ["fewer and fewer wait", { backlogMax: 4_000 }],
    ["it did not last", { fullFor: grace }],
    ["no stream reads it", { readBy: [] }],
  ])("says nothing where %s", (_, fields) => {
    deepStrictEqual(confidences(slowConsumer, waitingFor(fields)), [])
  })
})
