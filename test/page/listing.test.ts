import { describe, expect, it } from "vitest"
import { choiceOf, fragmentOf, nothingChosen } from "../../src/page/view/choice.ts"
import { entriesOf, listed } from "../../src/page/view/listing.ts"
import { plainRow } from "./snapshots.ts"

const many = (count: number, more = {}) =>
  Array.from({ length: count }, (_, index) => plainRow(index, more))
const none = new Set<string>()

describe("what a reader chose to see", () => {
  it("is found where every word stands in the route, an id or an attribute", () => {
    const rows = [plainRow(1, { route: "GET /event", words: "session=abc" }), plainRow(2)]
    const found = (query: string) => listed(rows, { ...nothingChosen, query }, new Map(), 0).length
    expect([found("abc"), found("ABC event"), found("abc health"), found("nothing")]).toEqual([
      1, 1, 0, 0,
    ])
    expect(found("health")).toBe(1)
  })

  it("is open, found, of streams, of a run or of a route", () => {
    const rows = [
      plainRow(1, { state: "open" }),
      plainRow(2, { kinds: ["a"] }),
      plainRow(3, { isStream: true, run: 2 }),
      plainRow(4, { route: "GET /other" }),
    ]
    const ids = (choice: object) =>
      listed(rows, { ...nothingChosen, ...choice }, new Map(), 0).map(
        ({ id }) => Number.parseInt(id, 16) - 1,
      )
    expect(ids({ only: ["open"] })).toEqual([1])
    expect(ids({ only: ["found"] })).toEqual([2])
    expect(ids({ only: ["streams"] })).toEqual([3])
    expect(ids({ only: ["open", "found"] })).toEqual([])
    expect(ids({ run: 2 })).toEqual([3])
    expect(ids({ route: "GET /other" })).toEqual([4])
  })

  it("comes newest first, or by what the heading says", () => {
    const rows = [
      plainRow(1, { state: "open", endedAt: undefined as never, events: 3 }),
      plainRow(2, { events: 7, endedAt: plainRow(2).startedAt + 5 }),
      plainRow(3),
    ]
    const order = (order: "time" | "age" | "lasted" | "events") =>
      listed(rows, { ...nothingChosen, order }, new Map(), plainRow(9).startedAt).map(
        ({ id }) => Number.parseInt(id, 16) - 1,
      )
    expect(order("time")).toEqual([3, 2, 1])
    expect(order("age")).toEqual([1, 2, 3])
    expect(order("lasted")).toEqual([1, 3, 2])
    expect(order("events")).toEqual([2, 1, 3])
  })

  it("stands in the address, and is read back from it", () => {
    const choice = {
      ...nothingChosen,
      exchange: `${"ab".repeat(16)}.${"cd".repeat(8)}`,
      query: "a&b #?=ü",
      only: ["open", "found"],
      run: 2,
      route: "GET /event?x",
      order: "lasted",
      window: { from: 0.25, to: 2.5 },
      span: "cd".repeat(8),
    } as const
    expect(choiceOf(fragmentOf(choice))).toEqual(choice)
    expect(choiceOf("")).toEqual(nothingChosen)
  })

  it("is nothing where the address cannot be understood", () => {
    for (const fragment of [
      "#/x/<b>",
      "#/x/a.b.c",
      "#?only=x&run=y&order=z&at=3-1ms&span=%3Cb",
      "#%",
      "#/x/?q",
    ]) {
      expect(choiceOf(fragment)).toEqual(nothingChosen)
    }
  })
})

describe("the list of exchanges", () => {
  it("shows five and more that are alike as one, which opens in place", () => {
    const rows = many(40)
    const [one] = entriesOf(rows, "time", none)
    expect(entriesOf(rows, "time", none)).toHaveLength(1)
    expect(one).toMatchObject({ is: "repeats", unfolded: false })
    expect(entriesOf(rows, "time", new Set([one?.key ?? ""]))).toHaveLength(41)
    expect(entriesOf(many(4), "time", none)).toHaveLength(4)
  })

  it("keeps the key of repeats when another one comes on top", () => {
    const key = (count: number) => entriesOf(many(count).toReversed(), "time", none)[0]?.key
    expect(key(7)).toBe(key(6))
  })

  it("folds nothing that is open, was found, streams, or ended otherwise", () => {
    for (const more of [
      { state: "open" },
      { kinds: ["a"] },
      { isStream: true },
      { status: 500 },
      { endedBy: "client" },
      { route: "GET /other" },
    ]) {
      const rows = [...many(3), plainRow(3, more as object), ...many(3)]
      expect(entriesOf(rows, "time", none)).toHaveLength(7)
    }
  })

  it("says where a run of a program begins", () => {
    const rows = [plainRow(3, { run: 2 }), plainRow(2, { run: 2 }), plainRow(1, { run: 1 })]
    expect(entriesOf(rows, "time", none).map(({ is }) => is)).toEqual(["row", "row", "run", "row"])
    expect(entriesOf(rows, "lasted", none).map(({ is }) => is)).toEqual(["row", "row", "row"])
  })
})
