import { describe, expect, it } from "vitest"
import type { Exchange } from "../../otel/lifetimes/model.ts"
import { differencesOf } from "../../otel/timeline/difference.ts"
import type { Panel } from "../../otel/timeline/layout.ts"
import { layoutOf } from "../../otel/timeline/layout.ts"
import { drawText } from "../../otel/timeline/text.ts"
import { broken, exchangeOf, fixed, scopeOf, unseenDisconnect } from "./exchanges.ts"

const panelsOf = (...exchanges: ReadonlyArray<Exchange>): ReadonlyArray<Panel> =>
  exchanges.map((exchange, index) => ({
    title: ["one", "other", "third"][index] ?? "",
    layout: layoutOf(exchange, []),
  }))

/** Of each panel the labels of rows that differ, with what is said of them. */
const toldOf = (...exchanges: ReadonlyArray<Exchange>) => {
  const panels = panelsOf(...exchanges)
  const differences = differencesOf(panels)
  return panels.map(({ layout }) =>
    Object.fromEntries(
      layout.rows.flatMap((row) => {
        const difference = differences.get(row)
        return difference === undefined ? [] : [[row.label, difference.text]]
      }),
    ),
  )
}

const lasting = (millis: number): Exchange =>
  exchangeOf(0, millis, { endedBy: "client", scopes: [scopeOf("s1", "request", 0, millis)] })

describe("what differs between timelines", () => {
  it("is told of both: what only one has, and what ended otherwise", () => {
    expect(toldOf(broken(), fixed())).toEqual([
      {
        "client GET /event": "in other: received 6 events, the client left",
        "GET /event": "in other: status 200, ended by the client",
        "scope handler": "only here",
        "subscription bus": "in other: released by scope connection",
        "stream event": "in other: 6 events, the client left",
      },
      {
        "client GET /event": "in one: received 0 events, the server ended it",
        "GET /event": "in one: status 200, ended by the server",
        "scope connection": "only here",
        "subscription bus": "in one: released by scope handler",
        "stream event": "in one: 0 events, cut off",
      },
    ])
  })

  it("is nothing between a timeline and itself", () => {
    expect(toldOf(fixed(), fixed())).toEqual([{}, {}])
  })

  it("is no length of time, and no number of events, but for none at all", () => {
    expect(toldOf(lasting(100), lasting(90_000))).toEqual([{}, {}])
    const carrying = (events: number): Exchange => ({
      ...fixed(),
      streams: fixed().streams.map((stream) => ({ ...stream, events })),
    })
    expect(toldOf(carrying(6), carrying(7))).toEqual([{}, {}])
    expect(toldOf(carrying(6), carrying(0))).toEqual([
      { "stream event": "in other: 0 events, the client left" },
      { "stream event": "in one: 6 events, the client left" },
    ])
  })

  it("is that one has ended and the other one is still open", () => {
    const [one] = toldOf(fixed(), unseenDisconnect())
    expect(one?.["subscription bus"]).toBe("in other: still held by scope request")
    expect(toldOf(lasting(5), { ...lasting(5), endedAt: undefined })[0]).toEqual({
      "GET /event": "in other: still open",
    })
  })

  it("names those of several that are not alike", () => {
    const [one, , third] = toldOf(lasting(1), lasting(1), broken())
    expect(one?.["GET /event"]).toBe("in third: status 200, ended by the server")
    expect(third?.["GET /event"]).toBe(
      "in one: status 200, ended by the client; in other: status 200, ended by the client",
    )
    expect(third?.["scope handler"]).toBe("only here")
  })

  it.each([80, 120])("is marked in a drawing of %i columns", async (width) => {
    const panels = panelsOf(broken(), fixed())
    const text = drawText(panels, width, { differences: differencesOf(panels) })
    await expect(text).toMatchFileSnapshot(`__snapshots__/differing.${width}.txt`)
  })
})
