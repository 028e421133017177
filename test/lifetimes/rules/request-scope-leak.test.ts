import { deepStrictEqual, ok, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import { judge } from "../../../otel/lifetimes/judge.ts"
import type { Exchange, Subscription } from "../../../otel/lifetimes/model.ts"
import { requestScopeLeak } from "../../../otel/lifetimes/rules/request-scope-leak.ts"
import { subscriptionLeak } from "../../../otel/lifetimes/rules/subscription-leak.ts"
import {
  afterwards,
  again,
  at,
  confidences,
  exchange,
  held,
  live,
  scope,
  stream,
  subscription,
} from "../exchange.ts"

const request = scope("request", [0.1])

/** A HEAD request is answered at 2 ms, and its scope stays open. */
const head = (more: Partial<Exchange> = {}): Exchange =>
  exchange([0, 2], { route: "HEAD /event", handlerReturnedAt: at(1), scopes: [request], ...more })

const bus = subscription(request, [0.5])

describe("request-scope-leak", () => {
  it("is certain where a request without a body ended", () => {
    deepStrictEqual(confidences(requestScopeLeak, head()), ["certain"])
  })

  it("is likely where the body had ended too", () => {
    const judged = head({ route: "GET /event", streams: [stream([1.5, 2])] })
    deepStrictEqual(confidences(requestScopeLeak, judged), ["likely"])
  })

  it("is silent about a scope that closed, however late: the program may have stood still", () => {
    const closed = head({ scopes: [scope("request", [0.1, 5_000])] })
    deepStrictEqual(confidences(requestScopeLeak, closed), [])
  })

  it("names in one sentence what the scope keeps", () => {
    const says = (subscriptions: Exchange["subscriptions"]) =>
      held(requestScopeLeak, head({ subscriptions }))[0]?.message
    const opening =
      "HEAD /event ended at 2.00 ms, and its request scope was still open after the grace period: " +
      "nobody closes it, and "
    strictEqual(says([bus]), `${opening}it keeps subscription "bus".`)
    strictEqual(says([]), `${opening}whatever was acquired in it stays.`)
  })

  it("has the scope, times and the count of what it keeps as evidence", () => {
    deepStrictEqual(held(requestScopeLeak, head({ subscriptions: [bus] }))[0]?.evidence, {
      scope: "request",
      "scope.opened_ms": 0.1,
      "exchange.ended_ms": 2,
      "resources.kept": 1,
    })
  })

  it("is about the scope and what it keeps", () => {
    const elsewhere = subscription(scope("application", [-1]), [0.5], {
      span: { traceId: "trace", spanId: "elsewhere" },
    })
    const [found] = held(requestScopeLeak, head({ subscriptions: [bus, elsewhere] }))
    deepStrictEqual(
      [found?.operation, found?.spanIds, found?.stream],
      ["scope request", ["request", "bus"], undefined],
    )
  })

  it("says nothing where the scope closed within the grace period", () => {
    const closed = head({ scopes: [scope("request", [0.1, 1_002])] })
    deepStrictEqual(confidences(requestScopeLeak, closed), [])
  })

  it("says nothing where its finalizers take long", () => {
    const closing = scope("request", [0.1, 9_000], { closedAt: at(3) })
    deepStrictEqual(confidences(requestScopeLeak, head({ scopes: [closing] })), [])
  })

  it("says nothing where the recording stops within the grace period", () => {
    const moment = { ...afterwards, now: at(1_002) }
    deepStrictEqual(confidences(requestScopeLeak, head(), moment), [])
  })

  it("says nothing where a body that nobody traced may still run", () => {
    deepStrictEqual(confidences(requestScopeLeak, head({ route: "GET /event" })), [])
  })

  it("says nothing where the only stream was one that the handler read itself", () => {
    const judged = head({ route: "GET /event", streams: [stream([0.2, 1])] })
    deepStrictEqual(confidences(requestScopeLeak, judged), [])
  })

  it("says nothing of a recording in which the body still runs", () => {
    const judged = head({ route: "GET /event", streams: [stream([1.5])] })
    deepStrictEqual(confidences(requestScopeLeak, judged), [])
  })

  it("says nothing where no request scope was seen", () => {
    deepStrictEqual(confidences(requestScopeLeak, head({ scopes: [scope("handler", [0.1])] })), [])
  })

  it("waits for the end of the exchange and of its streams", () => {
    strictEqual(again(requestScopeLeak, head({ endedAt: undefined }), live(5)), "news")
    strictEqual(again(requestScopeLeak, head({ streams: [stream([1])] }), live(5)), "news")
  })

  it("waits until the grace period is over", () => {
    strictEqual(again(requestScopeLeak, head(), live(1_002)), 1_002)
    deepStrictEqual(confidences(requestScopeLeak, head(), live(1_003)), ["certain"])
  })
})

describe("request-scope-leak of a scope that the handler opened", () => {
  const own = scope("live", [0.2], { unowned: true })

  /** Its client left at 40 ms, before the head. */
  const left = (more: Partial<Exchange> = {}): Exchange =>
    exchange([0, 40], {
      endedBy: "client",
      scopes: [scope("request", [0.1, 40]), own],
      ...more,
    })

  const leftBy = (exchanges: number, more: Partial<Exchange> = {}) =>
    left({ scopes: [scope("request", [0.1, 40]), { ...own, left: exchanges }], ...more })

  it("is likely where three exchanges have each left one", () => {
    deepStrictEqual(confidences(requestScopeLeak, leftBy(3)), ["likely"])
  })

  it("is silent where fewer have: it may be meant for all", () => {
    deepStrictEqual(confidences(requestScopeLeak, leftBy(2)), [])
  })

  it("is silent where the requests were no streams: they may have opened sessions", () => {
    deepStrictEqual(confidences(requestScopeLeak, leftBy(3, { endedBy: "server" })), [])
  })

  it("waits for sixty graces where a client had seen its stream: it may come back to its session", () => {
    const seen = leftBy(3, { streams: [stream([1, 40], { endedBy: "client" })] })
    strictEqual(again(requestScopeLeak, seen, live(2_000)), 40 + 60_000)
    strictEqual(held(requestScopeLeak, seen, live(40 + 60_001)).length, 1)
    deepStrictEqual(confidences(requestScopeLeak, seen), ["likely"])
  })

  it("is likely where a subscription leaks in it, of a single exchange too", () => {
    const leaking = left({ subscriptions: [subscription(own, [0.5])] })
    deepStrictEqual(confidences(requestScopeLeak, leaking), ["likely"])
  })

  it("waits for other exchanges while the program runs", () => {
    const leaking = left({ subscriptions: [subscription(own, [0.5])] })
    strictEqual(again(requestScopeLeak, leaking, live(2_000)), "news")
  })

  it("is silent where the subscription in it is read on", () => {
    const shared = left({ subscriptions: [subscription(own, [0.5], { shared: true })] })
    deepStrictEqual(confidences(requestScopeLeak, shared), [])
  })

  it("names the scope, where it was opened and how many left one", () => {
    const code = { function: "live", file: "/app/live.ts", line: 7 }
    const judged = left({ scopes: [{ ...own, left: 4, code }] })
    const [hit] = held(requestScopeLeak, judged)
    strictEqual(
      hit?.message,
      'GET /event ended at 40.0 ms, and scope "live" (opened in live, /app/live.ts:7), which its handler ' +
        "had opened, was still open after the grace period: nobody closes it, and whatever was acquired " +
        "in it stays.",
    )
    strictEqual(hit?.evidence["exchanges.left_one"], 4)
  })
})

describe("request-scope-leak of a scope that another fiber opened for the exchange", () => {
  const own = scope("live", [0.2], { openedApart: true, left: 3 })

  const left = (more: Partial<Exchange> = {}): Exchange =>
    exchange([0, 40], { endedBy: "client", scopes: [scope("request", [0.1, 40]), own], ...more })

  const leaking = left({ subscriptions: [subscription(own, [0.5])] })

  it("is likely where a subscription leaks in it", () => {
    const [hit] = held(requestScopeLeak, leaking)
    strictEqual(hit?.confidence, "likely")
    strictEqual(
      hit?.message,
      'GET /event ended at 40.0 ms, and scope "live", which another fiber had opened for it, was still ' +
        'open after the grace period: it keeps subscription "bus".',
    )
  })

  it("speaks for the subscription that leaks in it", () => {
    const { matches } = judge(leaking, afterwards)
    deepStrictEqual(
      matches.map(({ rule }) => rule),
      ["request-scope-leak"],
    )
  })

  it("waits for other exchanges while the program runs", () => {
    const first = { ...own, left: 1 }
    const judged = left({
      scopes: [scope("request", [0.1, 40]), first],
      subscriptions: [subscription(first, [0.5])],
    })
    strictEqual(again(requestScopeLeak, judged, live(2_000)), "news")
    strictEqual(again(subscriptionLeak, judged, live(2_000)), "news")
  })

  it("is silent where nothing shows that it is no scope of a cache", () => {
    deepStrictEqual(confidences(requestScopeLeak, left()), [])
  })
})

describe("request-scope-leak of a scope that keeps a full subscription", () => {
  const own = scope("live", [0.2], { unowned: true })

  /** The handler answered at 40 ms, and publishers have found its subscription full. */
  const answered = (more: Partial<Subscription> = {}): Exchange =>
    exchange([0, 40], {
      contentType: undefined,
      scopes: [scope("request", [0.1, 40]), own],
      subscriptions: [
        subscription(own, [0.5], {
          untracedReadAt: at(1),
          capacity: 4,
          backlog: 4,
          fullFor: 1_500_000,
          ...more,
        }),
      ],
    })

  it("is likely after a grace period, and tells for how long", () => {
    const [hit] = held(requestScopeLeak, answered(), live(3_000))
    strictEqual(hit?.confidence, "likely")
    ok(
      hit?.message.endsWith("which publishers have found full for 1.50 s, and which nobody reads."),
    )
  })

  it("asks again while that is not so for long", () => {
    const judged = answered({ fullFor: 1_000 })
    strictEqual(again(requestScopeLeak, judged, live(3_000)), 4_000)
  })

  it.each<readonly [what: string, more: Partial<Subscription>]>([
    ["is not full any more", { backlog: 3 }],
    ["was read after the end", { untracedReadAt: at(50) }],
    ["leaves out what finds it full", { missed: 2 }],
    ["was released", { endedAt: at(60) }],
  ])("is silent where the subscription %s", (_, more) => {
    deepStrictEqual(confidences(requestScopeLeak, answered(more)), [])
  })
})
