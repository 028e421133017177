import { describe, expect, it } from "vitest"
import { condensed } from "../../otel/timeline/condensed.ts"
import { type Layout, layoutOf } from "../../otel/timeline/layout.ts"
import { broken, exchangeOf, matchOf, scopeOf, streamRunOf, subscriptionOf } from "./exchanges.ts"

/** Forty scopes, each with a subscription; a stream reads the last one, which is released under it. */
const large = (): Layout => {
  const scopes = Array.from({ length: 40 }, (_, index) =>
    scopeOf(`s${index}`, `${index}`, index, 60),
  )
  const subscriptions = scopes.map((scope, index) =>
    subscriptionOf(`r${index}`, `${index}`, scope, index, 60),
  )
  const reader = streamRunOf("f1", "event", 50, 70, {
    reads: ["r39"],
    endedBy: "released",
    endedBySubscription: "r39",
  })
  const exchange = exchangeOf(0, 100, { scopes, subscriptions, streams: [reader] })
  return layoutOf(exchange, [matchOf({ stream: "f1", spanIds: ["s39", "r39", "f1"] })])
}

const labelsOf = ({ rows }: Layout) => rows.map(({ label }) => label)

describe("a layout with too many rows", () => {
  it("keeps the exchange, what was found, and what cut off what; then the first", () => {
    const layout = condensed(large(), 6)
    expect(labelsOf(layout)).toEqual([
      "GET /event",
      "scope 0",
      "subscription 0",
      "scope 39",
      "subscription 39",
      "stream event",
    ])
    expect(layout.omitted).toBe(76)
  })

  it("ties together and points at the same rows as before", () => {
    const layout = condensed(large(), 6)
    const label = (row: number | undefined) => layout.rows[row ?? -1]?.label
    expect(layout.findings.map(({ row }) => label(row))).toEqual(["stream event"])
    expect(
      layout.ties.map(({ scope, subscription, readers }) => [
        label(scope),
        label(subscription),
        ...readers.map(({ row }) => label(row)),
      ]),
    ).toEqual([
      ["scope 0", "subscription 0"],
      ["scope 39", "subscription 39", "stream event"],
    ])
  })

  it("never shows what is inside without what it is inside of", () => {
    for (let most = 1; most < 90; most++) {
      const { rows } = condensed(large(), most)
      expect(rows.length).toBeLessThanOrEqual(most)
      for (const [index, row] of rows.entries()) {
        if (row.kind === "subscription") expect(rows[index - 1]?.kind).toBe("scope")
      }
    }
  })

  it("is left as it is where its rows are few enough", () => {
    const layout = layoutOf(broken(), [])
    expect(condensed(layout, layout.rows.length)).toBe(layout)
  })
})
