import { deepStrictEqual, match, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import { unnamed } from "../../../otel/attributes.ts"
import type { Exchange, StreamRun, Subscription } from "../../../otel/lifetimes/model.ts"
import { type Moment, NotYet } from "../../../otel/lifetimes/rule.ts"
import { subscriptionLeak } from "../../../otel/lifetimes/rules/subscription-leak.ts"
import {
  afterwards,
  at,
  exchange,
  held,
  live,
  scope,
  sourceEnd,
  stream,
  subscription,
} from "../exchange.ts"

const application = scope("application", [-100], { role: "application" })
const outside = { name: "application", spanId: "application", inExchange: false }

/** Exchange and stream end at 100 ms; the subscription belongs to the application. */
const leaking = (
  subscriptionFields: Partial<Subscription> = {},
  streams: ReadonlyArray<StreamRun> = [stream([1, 100], { endedBy: "client" })],
): Exchange =>
  exchange([0, 100], {
    endedBy: "client",
    scopes: [scope("request", [0, 100])],
    subscriptions: [
      subscription(application, [0.5], { owner: outside, delivered: 6, ...subscriptionFields }),
    ],
    streams,
  })

const confidences = (judged: Exchange, moment: Moment = afterwards) =>
  held(subscriptionLeak, judged, moment).map(({ confidence }) => confidence)

const verdict = (judged: Exchange, moment: Moment) => {
  const result = subscriptionLeak.judge(judged, moment)
  return result instanceof NotYet ? "not yet" : result.map(({ confidence }) => confidence)
}

describe("subscription-leak", () => {
  it("is certain where a publish after the last reader's end reached nobody", () => {
    deepStrictEqual(confidences(leaking({ unreadPublishAt: at(150) })), ["certain"])
  })

  it("is likely where nothing was published any more", () => {
    deepStrictEqual(confidences(leaking()), ["likely"])
  })

  it("is likely where the only unread publish came before the last reader's end", () => {
    deepStrictEqual(confidences(leaking({ unreadPublishAt: at(50) })), ["likely"])
  })

  it("advises to close the scope where the exchange has made it itself", () => {
    const own = { name: "own", spanId: "own", inExchange: true }
    const hits = [outside, own].flatMap((owner) => held(subscriptionLeak, leaking({ owner })))
    deepStrictEqual(
      hits.map(({ suggestion }) =>
        suggestion?.includes("acquireRelease(Scope.make(), Scope.close)"),
      ),
      [undefined, true],
    )
  })

  it("holds of a subscription that was released, but only long afterwards", () => {
    const judged = leaking({ endedAt: at(5_000), releasedBy: "application" })
    deepStrictEqual(confidences(judged), ["likely"])
  })

  it("holds where nothing ever read it, as with HEAD", () => {
    deepStrictEqual(confidences(leaking({}, [])), ["likely"])
  })

  it("holds whoever ended the exchange", () => {
    for (const endedBy of ["client", "server", "shutdown"] as const) {
      deepStrictEqual(confidences({ ...leaking(), endedBy }), ["likely"])
    }
  })

  it("names the subscription, its owner and the time in one sentence", () => {
    strictEqual(
      held(subscriptionLeak, leaking({ unreadPublishAt: at(150) }))[0]?.message,
      'Subscription "bus" was acquired for this exchange, which ended with all its readers at ' +
        '100 ms; its owner, scope "application", still held it after the grace period, and an event ' +
        "was published to it that nobody has read.",
    )
  })

  it("says of an owner without a name whether it is a scope of the exchange", () => {
    const elsewhere = { ...outside, name: unnamed.scope }
    const sentences = [elsewhere, { ...elsewhere, inExchange: true }].map(
      (owner) => held(subscriptionLeak, leaking({ owner }))[0]?.message ?? "",
    )
    match(sentences[0] ?? "", /its owner, an unnamed scope outside this exchange, still held it/)
    match(sentences[1] ?? "", /its owner, an unnamed scope, still held it/)
  })

  it("says where nothing of the exchange ever read it", () => {
    const [found] = held(subscriptionLeak, leaking({ delivered: 0 }, []))
    match(found?.message ?? "", /, which ended at 100 ms, and nothing of it had ever read it; /)
  })

  it("has names, times and counts as evidence", () => {
    deepStrictEqual(held(subscriptionLeak, leaking())[0]?.evidence, {
      resource: "bus",
      owner: "application",
      "owner.in_exchange": false,
      "exchange.ended_ms": 100,
      "readers.ended_ms": 100,
      "resource.delivered": 6,
      "survived.publish": false,
    })
  })

  it("is about the subscription", () => {
    const [found] = held(subscriptionLeak, leaking())
    deepStrictEqual(
      [found?.operation, found?.spanIds, found?.stream],
      ["subscription bus", ["bus"], undefined],
    )
  })

  it("counts from the end of the last reader where that outlives the exchange", () => {
    const judged = leaking({}, [stream([1, 9_500], { endedBy: "upstream" })])
    deepStrictEqual(confidences(judged), [])
    deepStrictEqual(confidences(judged, { ...afterwards, now: at(10_501) }), ["likely"])
  })

  it("says nothing where it was released within the grace period", () => {
    deepStrictEqual(confidences(leaking({ endedAt: at(1_100), releasedBy: "application" })), [])
  })

  it("says nothing where the recording stops within the grace period", () => {
    deepStrictEqual(confidences(leaking(), { ...afterwards, now: at(1_100) }), [])
  })

  it("says nothing of a recording in which the exchange is open", () => {
    deepStrictEqual(confidences({ ...leaking(), endedAt: undefined }), [])
  })

  it("says nothing of a recording in which a reader still runs", () => {
    deepStrictEqual(confidences(leaking({}, [stream([1])])), [])
  })

  it("says nothing where something else still read it afterwards", () => {
    const judged = leaking({ untracedReadAt: at(5_000), unreadPublishAt: at(4_000) })
    deepStrictEqual(confidences(judged), [])
  })

  it("says nothing where only something else ever read it", () => {
    deepStrictEqual(confidences(leaking({ untracedReadAt: at(50) }, [])), [])
  })

  it("holds of a call that read it itself, and has no body", () => {
    const call = { ...leaking({ untracedReadAt: at(50) }, []), route: "RPC ticks" }
    deepStrictEqual(confidences(call), ["likely"])
    match(held(subscriptionLeak, call)[0]?.message ?? "", /, which ended at 100 ms; its owner/)
  })

  it("is silent where a call acquired it, and something read it until its source ended", () => {
    const read = { untracedReadAt: at(50), sourceEnd: sourceEnd(60, { how: "ended" }) }
    deepStrictEqual(confidences({ ...leaking(read, []), route: "RPC ticks" }), [])
  })

  it("holds where something else read it too, but no longer", () => {
    deepStrictEqual(confidences(leaking({ untracedReadAt: at(50) })), ["likely"])
  })

  it("is silent where what reads it was at work for others when the exchange was over", () => {
    deepStrictEqual(confidences(leaking({ untracedReadAt: at(50), shared: true })), [])
  })

  it("is silent where a plain request opened a scope for it, and nothing of it ever read it", () => {
    const session = scope("logIn", [0.2], { role: "connection" })
    const kept = exchange([0, 100], {
      endedBy: "server",
      contentType: "application/json",
      scopes: [scope("request", [0, 100]), session],
      subscriptions: [subscription(session, [0.5], { unreadPublishAt: at(150) })],
    })
    deepStrictEqual(confidences(kept), [])
    deepStrictEqual(confidences({ ...kept, endedBy: "client" }), ["likely"])
    deepStrictEqual(confidences({ ...kept, contentType: "text/event-stream" }), ["likely"])
  })

  it("asks to come back while the exchange is open", () => {
    strictEqual(verdict({ ...leaking(), endedAt: undefined }, live(500)), "not yet")
  })

  it("asks to come back while a reader runs", () => {
    strictEqual(verdict(leaking({}, [stream([1])]), live(500)), "not yet")
  })

  it("asks to come back within the grace period", () => {
    strictEqual(verdict(leaking({ unreadPublishAt: at(150) }), live(1_100)), "not yet")
  })

  it("asks to come back after the grace period while nothing was published", () => {
    strictEqual(verdict(leaking(), live(9_000)), "not yet")
  })

  it("speaks while the program runs once the grace period is over and a publish was not read", () => {
    deepStrictEqual(verdict(leaking({ unreadPublishAt: at(150) }), live(1_101)), ["certain"])
  })

  it("waits for what the process had no time to release, since it stood still after that publish", () => {
    const stalled = { at: at(1_350), lasted: 200_000 }
    const owner = { name: "an untraced scope", spanId: undefined, inExchange: false }
    const late = { owner, unreadPublishAt: at(1_200), endedAt: at(1_400) }
    deepStrictEqual(confidences(leaking(late)), ["certain"])
    deepStrictEqual(confidences(leaking({ ...late, stalled })), [])
    const open = { owner, unreadPublishAt: at(1_200), stalled }
    strictEqual(verdict(leaking(open), live(1_400)), "not yet")
  })

  it("has nothing to wait for where everything was released in time", () => {
    deepStrictEqual(verdict(leaking({ endedAt: at(101) }), live(102)), [])
  })

  it("speaks of one subscription although another must be waited for", () => {
    const leaked = leaking({ unreadPublishAt: at(150) })
    const other = subscription(application, [0.5], { owner: outside })
    const waiting = { ...other, span: { traceId: "trace", spanId: "other" } }
    const judged = { ...leaked, subscriptions: [...leaked.subscriptions, waiting] }
    deepStrictEqual(verdict(judged, live(2_000)), ["certain"])
  })

  it("waits for a client that left its stream as long as its session may, and for no other", () => {
    const own = scope("open", [0.2], { unowned: true, left: 2 })
    const session = leaking({ endedAt: at(5_000) })
    const opened = (streams: ReadonlyArray<StreamRun>): Exchange => ({
      ...session,
      scopes: [scope("request", [0, 100]), own],
      subscriptions: [subscription(own, [0.5, 5_000])],
      streams,
    })
    deepStrictEqual(verdict(opened(session.streams), afterwards), [])
    deepStrictEqual(verdict(opened([]), afterwards), ["likely"])
  })

  it("waits as long for what another fiber keeps, also without a client that left, and trusts it to let go", () => {
    const own = scope("keeper", [0.2], { kept: true })
    const held = leaking({ unreadPublishAt: at(5_000) }, [])
    const still: Exchange = {
      ...held,
      contentType: "text/event-stream",
      scopes: [scope("request", [0, 100]), own],
      subscriptions: [subscription(own, [0.5], { unreadPublishAt: at(5_000) })],
    }
    strictEqual(verdict(still, live(6_000)), "not yet")
    deepStrictEqual(verdict(still, live(70_000)), ["likely"])
    const stopped = [subscription(own, [0.5, 5_000], { endedWithProgram: true })]
    deepStrictEqual(verdict({ ...still, subscriptions: stopped }, afterwards), [])
    deepStrictEqual(verdict(still, afterwards), [])
  })
})
