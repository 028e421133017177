import { describe, expect, it } from "vitest"
import type { Exchange } from "../../otel/lifetimes/model.ts"
import { type Layout, layoutOf } from "../../otel/timeline/layout.ts"
import {
  at,
  broken,
  clientOf,
  cutOffLate,
  exchangeOf,
  fixed,
  leaked,
  matchOf,
  orphaned,
  scopeOf,
  streamRunOf,
  subscriptionOf,
  unseenDisconnect,
} from "./exchanges.ts"

const outline = (layout: Layout) => layout.rows.map(({ depth, label }) => [depth, label])
const rowNamed = (layout: Layout, label: string) => layout.rows.find((row) => row.label === label)

describe("rows", () => {
  it("go from outside in, with what lives in a scope below it and streams last", () => {
    expect(outline(layoutOf(broken(), []))).toEqual([
      [0, "client GET /event"],
      [0, "GET /event"],
      [1, "scope request"],
      [2, "scope handler"],
      [3, "subscription bus"],
      [1, "stream event"],
    ])
  })

  it("end with the fibers that nothing owns, in the order of their beginning", () => {
    expect(outline(layoutOf(orphaned(), [])).slice(-2)).toEqual([
      [1, "fiber report"],
      [1, "fiber watch"],
    ])
  })

  it("hang a subscription whose owner is none of the exchange's scopes under the exchange", () => {
    expect(outline(layoutOf(leaked(), []))).toContainEqual([1, "subscription bus"])
  })

  it("are nested by owner, also where the owner was first seen later", () => {
    const scopes = [
      scopeOf("s2", "inner", 1, 3, { parent: "s1" }),
      scopeOf("s1", "outer", 2, 4, { parent: "elsewhere" }),
    ]
    expect(outline(layoutOf(exchangeOf(0, 5, { scopes }), []))).toEqual([
      [0, "GET /event"],
      [1, "scope outer"],
      [2, "scope inner"],
    ])
  })

  it("come once each where scopes claim each other as parents", () => {
    const scopes = [
      scopeOf("s1", "a", 0, 3, { parent: "s2" }),
      scopeOf("s2", "b", 1, 2, { parent: "s1" }),
      scopeOf("s3", "c", 1, 2, { parent: "s3" }),
    ]
    const labels = layoutOf(exchangeOf(0, 4, { scopes }), []).rows.map(({ label }) => label)
    expect(labels.toSorted()).toEqual(["GET /event", "scope a", "scope b", "scope c"])
  })

  it("count milliseconds from the start of the exchange, as the sentences of findings do", () => {
    const layout = layoutOf(broken(), [])
    expect(rowNamed(layout, "subscription bus")?.interval).toEqual({ start: 0.3, end: 0.6 })
    expect(rowNamed(layout, "client GET /event")?.interval).toEqual({ start: -0.3, end: 1.6 })
  })

  it("start with the exchange where the client's clock is behind", () => {
    const layout = layoutOf(exchangeOf(5, 9, { client: clientOf(6, 8) }), [])
    expect(layout.rows.map(({ interval }) => interval.start)).toEqual([1, 0])
  })

  it("carry the moments inside a lifetime as marks", () => {
    const layout = layoutOf(fixed(), [])
    expect(rowNamed(layout, "GET /event")?.marks).toEqual([{ kind: "head-sent", at: 0.6 }])
    expect(rowNamed(layout, "stream event")?.marks).toEqual([
      { kind: "first-event", at: 0.8 },
      { kind: "stream-ended", at: 1012.1 },
    ])
    expect(rowNamed(layout, "scope connection")?.marks).toEqual([
      { kind: "scope-closed", at: 1012.3 },
    ])
    expect(rowNamed(layout, "subscription bus")?.marks).toEqual([{ kind: "released", at: 1012.2 }])
  })

  it("keep open lifetimes open", () => {
    const layout = layoutOf(unseenDisconnect(), [])
    expect(layout.open).toBe(true)
    expect(layout.end).toBe(1012.7)
    expect(rowNamed(layout, "stream event")?.interval).toEqual({ start: 0.7, end: undefined })
    expect(layoutOf(broken(), []).open).toBe(false)
  })

  it("last until now while one of them is open, and no longer than they did otherwise", () => {
    const { startedAt } = unseenDisconnect()
    const now = startedAt + 60_000_000
    expect(layoutOf(unseenDisconnect(), [], now).end).toBe(60_000)
    expect(layoutOf(broken(), [], now).end).toBe(layoutOf(broken(), []).end)
  })

  it("end with the last thing that is known of any of them", () => {
    const scopes = [scopeOf("s1", "stuck", 0, undefined, { closedAt: at(7) })]
    expect(layoutOf(exchangeOf(0, 5, { scopes }), []).end).toBe(7)
    expect(layoutOf(fixed(), []).end).toBe(1012.7)
  })
})

describe("ties", () => {
  it("lead from the scope that closed over the subscription to the stream it cut off", () => {
    expect(layoutOf(broken(), []).ties).toEqual([
      { at: 0.6, scope: 3, subscription: 4, readers: [{ row: 5, cutOff: true }] },
    ])
  })

  it("say that nothing was cut off where the stream had ended before, or for another reason", () => {
    expect(layoutOf(fixed(), []).ties[0]?.readers).toEqual([{ row: 5, cutOff: false }])
    const shutdown: Exchange = {
      ...broken(),
      streams: [streamRunOf("f1", "event", 0.7, 2, { reads: ["r1"], endedBy: "shutdown" })],
    }
    expect(layoutOf(shutdown, []).ties[0]?.readers[0]?.cutOff).toBe(false)
  })

  it("go by the times where no cause was recorded", () => {
    const unrecorded: Exchange = {
      ...broken(),
      streams: [streamRunOf("f1", "event", 0.7, 2, { reads: ["r1"] })],
    }
    expect(layoutOf(unrecorded, []).ties[0]?.readers[0]?.cutOff).toBe(true)
  })

  it("tie only the subscription that ended the stream, where it read several", () => {
    const scope = scopeOf("s1", "handler", 0, 1)
    const subscriptions = [
      subscriptionOf("r1", "a", scope, 0, 1),
      subscriptionOf("r2", "b", scope, 0, 1),
    ]
    const streams = [
      streamRunOf("f1", "event", 0.5, 2, {
        reads: ["r1", "r2"],
        endedBy: "released",
        endedBySubscription: "r2",
      }),
    ]
    const { ties } = layoutOf(exchangeOf(0, 3, { scopes: [scope], subscriptions, streams }), [])
    expect(ties.map(({ readers }) => readers[0]?.cutOff)).toEqual([false, true])
  })
})

describe("findings", () => {
  const place = (exchange: Exchange, more: Parameters<typeof matchOf>[0]) =>
    layoutOf(exchange, [matchOf(more)]).findings.map(({ row, at: moment }) => [row, moment])

  it("stand at the end of the stream they are about", () => {
    expect(place(broken(), {})).toEqual([[5, 1.1]])
  })

  it("stand at the owner where they are about no stream, else at the exchange", () => {
    expect(place(broken(), { stream: undefined, spanIds: ["r1"] })).toEqual([[4, 0.6]])
    expect(place(broken(), { stream: undefined, spanIds: ["nowhere"] })).toEqual([[1, 1.3]])
  })

  it("stand, on a lifetime that is still open, where it should have ended", () => {
    const late = { ...leaked(), client: clientOf(0, 1900) }
    expect(place(late, { stream: undefined, spanIds: ["r1"] })).toEqual([[3, 1012.5]])
    expect(place(unseenDisconnect(), { stream: undefined, spanIds: ["e1"] })).toEqual([[1, 1012.7]])
    expect(place(exchangeOf(0), { stream: undefined, spanIds: [] })).toEqual([[0, 0]])
  })

  it("stand where a late subscription began", () => {
    const scope = scopeOf("s1", "request", 0, 900)
    const late = exchangeOf(0, 900, {
      scopes: [scope],
      subscriptions: [subscriptionOf("r1", "bus", scope, 40, 900)],
      streams: [streamRunOf("f1", "event", 1, 900, { endedBy: "client", firstEventAt: at(2) })],
    })
    expect(place(late, { spanIds: ["r1", "f1"] })).toEqual([[3, 40]])
  })

  it("leave out those of other exchanges", () => {
    const other = { traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "e1" }
    expect(place(broken(), { exchange: other })).toEqual([])
  })
})

it("texts of a layout hold no control characters", () => {
  const hostile = "\u001b[31m\u202eevil\n"
  const { rows } = layoutOf(
    {
      ...cutOffLate(),
      route: hostile,
      streams: [
        streamRunOf("f1", hostile, 1, 2, {
          endedBy: "failure",
          failure: { type: "Error", message: hostile, defect: undefined },
        }),
      ],
    },
    [],
  )
  const texts = rows.flatMap(({ label, facts }) => [label, ...facts]).join("")
  expect(texts).toContain("\\u001b[31m\\u202eevil\\u000a")
  expect(texts).not.toMatch(/[\p{Cc}\p{Cf}]/u)
})
