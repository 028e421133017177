import { describe, expect, it } from "vitest"
import { evidenceOf } from "../../otel/lifetimes/finding-evidence.ts"
import type { Exchange } from "../../otel/lifetimes/model.ts"
import { matchOf } from "../timeline/exchanges.ts"
import { at, exchange, scope, sourceEnd, stream, subscription } from "./exchange.ts"

/** What a finding tells of the lifetimes that it names, when it is told at 50 ms. */
const told = (of: Exchange, ...spanIds: ReadonlyArray<string>) => {
  const { spans, causedAt, shownAt } = evidenceOf(of, matchOf({ spanIds }), at(50))
  return {
    roles: spans.map(({ span, role }) => `${span.spanId}: ${role}`),
    times: [causedAt, shownAt],
  }
}

const handler = scope("handler", [1, 3])

const elsewhere = { traceId: "other", spanId: "owner" }

describe("the evidence of a finding", () => {
  it("is a scope that closed, until the end of the stream that reads what it released", () => {
    const bus = subscription(handler, [2, 3])
    const event = stream([4, 6], { endedBy: "released" })
    const of = exchange([0, 7], { scopes: [handler], subscriptions: [bus], streams: [event] })
    expect(told(of, "handler", "bus", "event")).toEqual({
      roles: ["handler: cause", "bus: released", "event: cut off"],
      times: [at(3), at(6)],
    })
  })

  it("is the same where the stream fails on what is no subscription", () => {
    const event = stream([4, 6], { endedBy: "failure", reads: [] })
    const of = exchange([0, 7], { scopes: [handler], streams: [event] })
    expect(told(of, "handler", "event")).toEqual({
      roles: ["handler: cause", "event: cut off"],
      times: [at(3), at(6)],
    })
  })

  it("lasts until the end of the exchange where no stream had begun", () => {
    const of = exchange([0, 7], { scopes: [handler] })
    expect(told(of, "handler", "GET /event")).toEqual({
      roles: ["handler: cause", "GET /event: exchange"],
      times: [at(3), at(7)],
    })
  })

  it("leads to another trace where another exchange took it away", () => {
    const by = { name: "request", span: elsewhere, belongsTo: "another exchange" } as const
    const bus = subscription(handler, [2, 6], { sourceEnd: sourceEnd(5, { by }) })
    const event = stream([4, 6], { endedBy: "upstream" })
    const of = exchange([0, 7], { subscriptions: [bus], streams: [event] })
    expect(told(of, "bus", "event")).toEqual({
      roles: ["owner: cause", "bus: read", "event: cut off"],
      times: [at(5), at(6)],
    })
  })

  it("is no cause where the client left, although a scope had closed", () => {
    const event = stream([4, 6], { endedBy: "client" })
    const of = exchange([0, 7], { scopes: [handler], streams: [event] })
    expect(told(of, "handler", "event")).toEqual({
      roles: ["handler: owner", "event: reader"],
      times: [at(50), at(50)],
    })
  })

  it("is what was left open, from the end of the exchange to when that is told", () => {
    const bus = subscription(handler, [2])
    const of = exchange([0, 7], { subscriptions: [bus] })
    expect(told(of, "bus")).toEqual({ roles: ["bus: left open"], times: [at(7), at(50)] })
  })
})
