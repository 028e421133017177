import { deepStrictEqual, match } from "node:assert"
import { describe, it } from "@effect/vitest"
import type { Exchange, Scope, Subscription } from "../../../otel/lifetimes/model.ts"
import { scopeClosedEarly } from "../../../otel/lifetimes/rules/scope-closed-early.ts"
import { again, at, confidences, exchange, held, live, scope, subscription } from "../exchange.ts"

/** A nested scope closes at 1 ms, and what it released is asked for messages at 2 ms. */
const asked = (
  more: Partial<Exchange> = {},
  closer: Partial<Scope> = {},
  fields: Partial<Subscription> = {},
): Exchange => {
  const nested = scope("nested", [0.1, 1], closer)
  const bus = subscription(nested, [0.2, 1], { untracedReadAt: at(2), ...fields })
  return exchange([0, 3], {
    route: "RPC ticks",
    endedBy: "server",
    scopes: [scope("request", [0, 3]), nested],
    subscriptions: [bus],
    streams: [],
    ...more,
  })
}

describe("a call that asks for messages of what a nested scope has released", () => {
  it("is likely to have lost it", () => {
    deepStrictEqual(confidences(scopeClosedEarly, asked()), ["likely"])
    const [found] = held(scopeClosedEarly, asked())
    match(found?.message ?? "", /^Scope "nested" closed at 1\.00 ms and released .* at 2\.00 ms/)
  })

  const fine = (title: string, judged: Exchange) =>
    it(`is fine where ${title}`, () => deepStrictEqual(confidences(scopeClosedEarly, judged), []))

  fine("it had asked before", asked({}, {}, { untracedReadAt: at(0.5) }))
  fine("its client called it off", asked({ endedBy: "client" }))
  fine("the server stopped", asked({ endedBy: "shutdown" }))
  fine("an interrupt closed the scope", asked({}, { exit: "interrupt" }))
  fine("the scope was forked to be closed by itself", asked({}, { role: "connection" }))
  fine("others read it", asked({}, {}, { shared: true }))
  fine("it is a plain request, which does so before it answers", asked({ route: "GET /event" }))

  it("is not judged while it is open", () => {
    const judged = asked({ endedAt: undefined, endedBy: undefined })
    deepStrictEqual(again(scopeClosedEarly, judged, live(2_000)), "news")
  })
})

describe("a WebSocket that asks for messages of what a nested scope has released", () => {
  const socket = (endedAt: number | undefined, more: Partial<Exchange> = {}) =>
    asked({
      route: "WebSocket /chat",
      endedAt: endedAt === undefined ? undefined : at(endedAt),
      endedBy: endedAt === undefined ? undefined : "server",
      ...more,
    })

  it("is likely to have lost it where it stayed open for longer than the grace period", () => {
    deepStrictEqual(confidences(scopeClosedEarly, socket(1_100)), ["likely"])
  })

  it("is told of while it is open", () => {
    deepStrictEqual(again(scopeClosedEarly, socket(undefined), live(500)), 1_002)
    deepStrictEqual(confidences(scopeClosedEarly, socket(undefined), live(1_100)), ["likely"])
  })

  it("is fine where it closed soon afterwards", () => {
    deepStrictEqual(confidences(scopeClosedEarly, socket(500)), [])
  })

  it("is fine where its client had left by then", () => {
    deepStrictEqual(confidences(scopeClosedEarly, socket(1_100, { clientLeftAt: at(3) })), [])
  })
})
