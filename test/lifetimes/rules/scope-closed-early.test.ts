import { deepStrictEqual, match, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import type { Exchange, StreamRun } from "../../../otel/lifetimes/model.ts"
import { scopeClosedEarly } from "../../../otel/lifetimes/rules/scope-closed-early.ts"
import { at, exchange, held, live, scope, sourceEnd, stream, subscription } from "../exchange.ts"

const request = scope("request", [0, 3])
const handler = scope("handler", [0.1, 0.9])

/** The handler's scope releases at 0.9 ms what a stream reads from 1 ms on. */
const closedEarly = (streamFields: Partial<StreamRun> = {}): Exchange =>
  exchange([0, 3], {
    scopes: [request, handler],
    subscriptions: [subscription(handler, [0.2, 0.9])],
    streams: [stream([1, 2.5], streamFields)],
  })

const recorded: Partial<StreamRun> = { endedBy: "released", endedBySubscription: "bus" }

const confidences = (judged: Exchange) =>
  held(scopeClosedEarly, judged).map(({ confidence }) => confidence)

describe("scope-closed-early", () => {
  it("is certain where the stream's end is recorded as caused by the release", () => {
    deepStrictEqual(confidences(closedEarly(recorded)), ["certain"])
  })

  it("is likely where only the times suggest it", () => {
    deepStrictEqual(confidences(closedEarly()), ["likely"])
  })

  it("is likely where the stream ended on an interrupt not its own, and no subscription was seen", () => {
    const cutOff = { at: at(2), by: 1 }
    const judged = { ...closedEarly({ endedBy: "released", reads: [], cutOff }), subscriptions: [] }
    deepStrictEqual(confidences(judged), ["likely"])
  })

  /** A stream from 1 ms on that another fiber's interrupt reaches at 2 ms, while that closes a scope. */
  const interrupted = (openedAt: number, endedAt: number): Exchange =>
    exchange([0, endedAt], {
      scopes: [request, scope("part", [openedAt, 2.1], { closedAt: at(1.9), closedByFiber: 7 })],
      streams: [
        stream([1, endedAt], { endedBy: "released", reads: [], cutOff: { at: at(2), by: 7 } }),
      ],
    })

  it("is likely where a scope that is older than the stream closed under it", () => {
    deepStrictEqual(confidences(interrupted(0.5, 2.5)), ["likely"])
  })

  it("says nothing where a younger scope closed under it, which is a part of the stream itself", () => {
    deepStrictEqual(confidences(interrupted(1.5, 2.5)), [])
  })

  it("says nothing of a stream that went on for long after such an interrupt", () => {
    deepStrictEqual(confidences(interrupted(0.5, 3_000)), [])
  })

  it("is as much more patient with such a stream as the process stood still", () => {
    const late = (stalled: Exchange["stalled"]) =>
      confidences({ ...interrupted(0.5, 1_500), stalled })
    deepStrictEqual(late({ at: at(1_400), lasted: 500_000 }), ["likely"])
    deepStrictEqual(late({ at: at(1_400), lasted: 400_000 }), [])
  })

  it("is as much more patient with a stream that asks late", () => {
    const asking = (stalled: Exchange["stalled"]) => {
      const cutOff = { at: at(400), by: 1 }
      const judged = closedEarly({ endedAt: at(401), endedBy: "released", reads: [], cutOff })
      return confidences({ ...judged, subscriptions: [], stalled })
    }
    deepStrictEqual(asking({ at: at(390), lasted: 200_000 }), ["likely"])
    deepStrictEqual(asking(undefined), [])
  })

  it("means of several scopes that closed before the stream the last, which may enclose the others", () => {
    const judged = exchange([0, 3], {
      scopes: [request, handler, scope("session", [0.2, 0.5])],
      streams: [stream([1, 2.5], { endedBy: "released", reads: [], cutOff: { at: at(2), by: 1 } })],
    })
    deepStrictEqual(
      held(scopeClosedEarly, judged).map(({ operation }) => operation),
      ["scope handler"],
    )
  })

  it("says nothing of such an interrupt where what the stream read had come to its end", () => {
    const judged = closedEarly({ endedBy: "released", cutOff: { at: at(2), by: 1 } })
    const ended = judged.subscriptions.map((one) => ({
      ...one,
      endedAt: at(3),
      sourceEnd: sourceEnd(1.9),
    }))
    deepStrictEqual(confidences({ ...judged, subscriptions: ended }), [])
  })

  it("says nothing of such an interrupt where no nested scope had closed before", () => {
    const judged = exchange([0, 3], {
      scopes: [request, scope("handler", [0.1, 2.9])],
      streams: [stream([1, 2.5], { endedBy: "released", reads: [] })],
    })
    deepStrictEqual(confidences(judged), [])
  })

  it("does not take the request's own scope for the nested one that had closed before", () => {
    const judged = exchange([0, 3], {
      scopes: [scope("request", [0, 2])],
      streams: [stream([1, 2.5], { endedBy: "released", reads: [] })],
    })
    deepStrictEqual(confidences(judged), [])
  })

  it("names the scope, the subscription, the stream and their times in one sentence", () => {
    const [found] = held(scopeClosedEarly, closedEarly(recorded))
    strictEqual(
      found?.message,
      'Scope "handler" closed at 0.90 ms and released subscription "bus" while stream "event" had ' +
        "not yet begun to read it (it began at 1.00 ms); the stream ended at 2.50 ms after 0 events, " +
        "and its client saw a clean end.",
    )
  })

  it("says that the stream was reading where it had begun before the scope closed", () => {
    const owner = scope("handler", [0.1, 2])
    const judged = exchange([0, 3], {
      scopes: [request, owner],
      subscriptions: [subscription(owner, [0.2, 2])],
      streams: [stream([1, 2.5], { ...recorded, events: 1 })],
    })
    const [found] = held(scopeClosedEarly, judged)
    match(found?.message ?? "", /closed at 2\.00 ms .* "event" was still reading it; .* 1 event,/)
  })

  it("does not tell which was first where both were at one moment, as under the clock of a test", () => {
    const atOnce = scope("handler", [0, 0])
    const [found] = held(
      scopeClosedEarly,
      exchange([0, 0], {
        scopes: [scope("request", [0, 0]), atOnce],
        subscriptions: [subscription(atOnce, [0, 0])],
        streams: [stream([0, 0], recorded)],
      }),
    )
    match(found?.message ?? "", /closed at 0\.00 ms .* while stream "event" needed it; /)
  })

  it("takes as the scope's closing the moment before its finalizers ran", () => {
    const slow = scope("handler", [0.1, 0.9], { closedAt: at(0.4) })
    const judged = { ...closedEarly(recorded), scopes: [request, slow] }
    match(held(scopeClosedEarly, judged)[0]?.message ?? "", /^Scope "handler" closed at 0\.40 ms /)
  })

  it("has the times and names as evidence", () => {
    const [found] = held(scopeClosedEarly, closedEarly(recorded))
    deepStrictEqual(found?.evidence, {
      scope: "handler",
      "scope.closed_ms": 0.9,
      resource: "bus",
      "resource.released_ms": 0.9,
      stream: "event",
      "stream.started_ms": 1,
      "stream.ended_ms": 2.5,
      "stream.exit": "success",
      "resource.delivered": 0,
    })
  })

  it("is about the scope first, then what it released, then the stream", () => {
    const [found] = held(scopeClosedEarly, closedEarly(recorded))
    deepStrictEqual(found?.spanIds, ["handler", "bus", "event"])
    deepStrictEqual([found?.operation, found?.stream], ["scope handler", "event"])
  })

  it("says nothing while the stream runs", () => {
    const judged = {
      ...closedEarly(),
      streams: [stream([1])],
      endedAt: undefined,
      endedBy: undefined,
    }
    deepStrictEqual(held(scopeClosedEarly, judged, live(5)), [])
  })

  it("speaks of each stream that it ended", () => {
    const other = { ...stream([1, 2], recorded), span: { traceId: "trace", spanId: "other" } }
    const judged = { ...closedEarly(recorded), streams: [stream([1, 2.5], recorded), other] }
    deepStrictEqual(
      held(scopeClosedEarly, judged).map(({ stream }) => stream),
      ["event", "other"],
    )
  })

  it.each<[string, Partial<StreamRun>]>([
    ["was ended by its client", { endedBy: "client", exit: "interrupt" }],
    ["was ended by its upstream", { endedBy: "upstream" }],
    ["was ended by shutdown", { endedBy: "shutdown" }],
    ["failed", { endedBy: "failure", exit: "failure" }],
    ["read something else", { reads: ["another"] }],
    ["read nothing", { reads: [] }],
    ["was interrupted, and nobody recorded why", { exit: "interrupt" }],
  ])("says nothing of a stream that %s", (_, stream) => {
    deepStrictEqual(confidences(closedEarly(stream)), [])
  })

  it("says nothing where the release came after the stream's end", () => {
    const owner = scope("handler", [0.1, 2.8])
    const judged = exchange([0, 3], {
      scopes: [request, owner],
      subscriptions: [subscription(owner, [0.2, 2.8])],
      streams: [stream([1, 2.5])],
    })
    deepStrictEqual(confidences(judged), [])
  })

  it("is likely where the span of the scope that released it was lost", () => {
    deepStrictEqual(confidences({ ...closedEarly(recorded), scopes: [request] }), ["likely"])
  })

  it("is likely where nobody traced the scope that released it", () => {
    const owner = { name: "an untraced scope", spanId: undefined, inExchange: false }
    const subscriptions = [subscription(handler, [0.2, 0.9], { owner, releasedBy: undefined })]
    const judged = { ...closedEarly(recorded), subscriptions }
    deepStrictEqual(confidences(judged), ["likely"])
  })

  it("says nothing where a scope outside of the exchange released it", () => {
    const owner = { name: "application", spanId: "application", inExchange: false }
    const subscriptions = [subscription(handler, [0.2, 0.9], { owner, releasedBy: "application" })]
    deepStrictEqual(confidences({ ...closedEarly(recorded), subscriptions }), [])
  })

  it("is certain where a stream ran on although what it read was released under it", () => {
    const refused = { at: at(1.2), subscription: "bus" }
    const judged = closedEarly({
      ...recorded,
      endedBy: "client",
      endedBySubscription: undefined,
      refused,
    })
    deepStrictEqual(confidences(judged), ["certain"])
  })

  it("says nothing of a reader that was turned away while all was interrupted", () => {
    const refused = { at: at(1.2), subscription: "bus" }
    const judged = closedEarly({
      ...recorded,
      endedBy: "client",
      endedBySubscription: undefined,
      refused,
    })
    const interrupted = judged.scopes.map((it): typeof it => ({ ...it, exit: "interrupt" }))
    deepStrictEqual(confidences({ ...judged, scopes: interrupted }), [])
  })

  it("says nothing of a stream that ended before the handler returned", () => {
    deepStrictEqual(confidences({ ...closedEarly(recorded), handlerReturnedAt: at(50) }), [])
  })

  it("says nothing on times alone where the source of what was read had ended", () => {
    const judged = {
      ...closedEarly(),
      subscriptions: [subscription(handler, [0.2, 0.9], { finished: true })],
    }
    deepStrictEqual(confidences(judged), [])
  })

  it.each(["client", "shutdown"] as const)(
    "says nothing on times alone where the exchange was ended by %s",
    (endedBy) => {
      deepStrictEqual(confidences({ ...closedEarly(), endedBy }), [])
    },
  )

  const closer = {
    name: "handler",
    span: handler.span,
    belongsTo: "this exchange",
  } as const

  /** The body ended on a queue that was shut down at 0.9 ms. */
  const onShutQueue = (by: NonNullable<StreamRun["shutQueue"]>["by"]): Exchange => ({
    ...closedEarly({
      endedBy: "released",
      reads: [],
      shutQueue: { at: at(0.9), by, byHandler: false, code: undefined },
    }),
    subscriptions: [],
  })

  /** The body failed on a queue that was shut down at 0.9 ms, and no scope did that. */
  const onTakenQueue = (byHandler: boolean): Exchange => ({
    ...closedEarly({
      endedBy: "failure",
      reads: [],
      shutQueue: { at: at(0.9), by: undefined, byHandler, code: undefined },
    }),
    subscriptions: [],
  })

  it("is certain where the handler itself shut the PubSub down that the body reads", () => {
    const onTakenPubSub = (byHandler: boolean): Exchange => ({
      ...closedEarly({ endedBy: "upstream" }),
      subscriptions: [
        subscription(request, [0.2, 0.3], { sourceEnd: sourceEnd(0.25, { byHandler }) }),
      ],
    })
    deepStrictEqual(confidences(onTakenPubSub(true)), ["certain"])
    deepStrictEqual(confidences(onTakenPubSub(false)), [])
  })

  it("is certain where the handler itself shut down the queue that the body reads", () => {
    deepStrictEqual(confidences(onTakenQueue(true)), ["certain"])
    deepStrictEqual(confidences(onTakenQueue(false)), [])
  })

  it("is certain where a scope of the exchange shut down the queue that the body reads", () => {
    const [hit] = held(scopeClosedEarly, onShutQueue(closer))
    strictEqual(hit?.confidence, "certain")
    match(hit?.message ?? "", /^Scope "handler" closed at 0\.90 ms and shut the queue down that/)
    deepStrictEqual(hit?.spanIds, ["handler", "event"])
  })

  it("says nothing where the fiber of the stream closed that scope when the stream had come to its end", () => {
    const part = scope("handler", [0.1, 2.6], { closedAt: at(2.4) })
    const queue = onShutQueue({ ...closer, span: part.span })
    deepStrictEqual(confidences({ ...queue, scopes: [request, part] }), [])
    const released = { ...closedEarly(recorded), scopes: [request, part] }
    deepStrictEqual(confidences(released), [])
    const cutOff = { at: at(2.45), by: 1 }
    const unknown = {
      ...closedEarly({ endedBy: "released", reads: [], cutOff }),
      subscriptions: [],
    }
    deepStrictEqual(confidences({ ...unknown, scopes: [request, part] }), [])
    const closed = scope("handler", [0.1, 2.45], { closedAt: at(2.4) })
    deepStrictEqual(confidences({ ...released, scopes: [request, closed] }), ["certain"])
  })

  it("says nothing where the queue was shut down on purpose", () => {
    const judged = onShutQueue(undefined)
    const streams = judged.streams.map((it): StreamRun => ({ ...it, endedBy: "failure" }))
    deepStrictEqual(confidences({ ...judged, streams }), [])
  })

  /** The PubSub that the body reads was shut down at that moment. */
  const shutDown = (millis: number, belongsTo: "the program" | "this exchange"): Exchange => {
    const by = { ...closer, name: "unnamed scope", belongsTo }
    return {
      ...closedEarly({ endedBy: "upstream" }),
      subscriptions: [
        subscription(request, [0.2, 0.3], { finished: true, sourceEnd: sourceEnd(millis, { by }) }),
      ],
    }
  }

  it("is certain where a scope of the program had shut the PubSub down before somebody came", () => {
    const [hit] = held(scopeClosedEarly, shutDown(-25, "the program"))
    strictEqual(hit?.confidence, "certain")
    match(
      hit?.message ?? "",
      /^An unnamed scope of the program had closed 25\.0 ms before GET \/event began, and shut PubSub "bus" down/,
    )
  })

  it("says nothing where the program itself released the subscription: it was read until then", () => {
    const judged = shutDown(-25, "the program")
    const subscriptions = judged.subscriptions.map((it) => ({ ...it, endedWithProgram: true }))
    deepStrictEqual(confidences({ ...judged, subscriptions }), [])
  })

  it("is certain where a nested scope had shut the PubSub down before the handler returned", () => {
    const judged = { ...shutDown(0.5, "this exchange"), handlerReturnedAt: at(0.9) }
    const [hit] = held(scopeClosedEarly, judged)
    strictEqual(hit?.confidence, "certain")
    match(hit?.message ?? "", /closed at 0\.50 ms and shut PubSub "bus" down/)
    deepStrictEqual(hit?.spanIds, ["handler", "bus", "event"])
  })

  it("is certain also for a merge, which fails with the interrupt of a part, however long that takes", () => {
    const judged = { ...shutDown(0.5, "this exchange"), handlerReturnedAt: at(0.9), failed: true }
    const failed = (exit: StreamRun["exit"]): Exchange => ({
      ...judged,
      streams: judged.streams.map(
        (it): StreamRun => ({ ...it, endedBy: "failure", exit, endedAt: at(500) }),
      ),
    })
    deepStrictEqual(confidences(failed("interrupt")), ["certain"])
    deepStrictEqual(confidences(failed("failure")), [])
  })

  it("says nothing where a nested scope shut the PubSub down later, or an interrupt closed it", () => {
    const later = { ...shutDown(1.5, "this exchange"), handlerReturnedAt: at(0.9) }
    deepStrictEqual(confidences(later), [])
    const judged = { ...shutDown(0.5, "this exchange"), handlerReturnedAt: at(0.9) }
    const scopes = judged.scopes.map((it): typeof it => ({ ...it, exit: "interrupt" }))
    deepStrictEqual(confidences({ ...judged, scopes }), [])
  })

  it("says nothing where the PubSub was shut down while somebody was there", () => {
    deepStrictEqual(confidences(shutDown(0.5, "the program")), [])
    deepStrictEqual(confidences(shutDown(-25, "this exchange")), [])
  })

  /** A subscription of the program that its scope released so many milliseconds before the stream's end. */
  const releasedByProgram = (releasedFor: number): Exchange =>
    exchange([0, 3], {
      scopes: [request],
      streams: [
        stream([1, 2.5], {
          endedBy: "released",
          endedBySubscription: "theirs",
          endedByForeign: {
            subscription: { traceId: "program", spanId: "theirs" },
            name: "bus",
            owner: "topic",
            code: undefined,
            belongsTo: "the program",
            releasedFor: releasedFor * 1_000,
          },
        }),
      ],
    })

  it("is certain where a scope of the program had closed before the exchange began", () => {
    deepStrictEqual(confidences(releasedByProgram(10)), ["certain"])
  })

  it("says nothing where the program closed its scope while the stream read from it", () => {
    deepStrictEqual(confidences(releasedByProgram(0)), [])
  })
})
