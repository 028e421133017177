import { deepStrictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import { HeldPlaces } from "../../src/watch/held-places.ts"

const second = 1_000_000

const code = { function: "subscribe", file: "/app/bus.ts", line: 41 }

const look = (at: number, count: number, rest = 0) => ({
  at: at * second,
  places: [{ kind: "subscription", name: "bus", code, count, oldest: second }],
  total: count + rest,
  rest,
  lost: 0,
  pid: 1,
  isLast: false,
})

const shown = (held: HeldPlaces<string>) =>
  held.all.map(({ count, inLastMinute, grew }) => [count, inLastMinute, grew])

describe("what is held open", () => {
  it("grew where each of the last five looks found more", () => {
    const held = new HeldPlaces<string>()
    for (let at = 0; at < 5; at++) held.look("a", look(at, 10 + at))
    deepStrictEqual(shown(held), [[14, 14, true]])
    held.look("a", look(5, 14))
    deepStrictEqual(shown(held), [[14, 14, false]])
  })

  it("is compared with what there was a minute ago", () => {
    const held = new HeldPlaces<string>()
    for (let at = 0; at <= 120; at += 10) held.look("a", look(at, 1 + at / 10))
    deepStrictEqual(shown(held), [[13, 6, true]])
  })

  it("is told where it looks otherwise, and not because a look measured an age again", () => {
    const held = new HeldPlaces<string>()
    const told = (at: number, count: number) => {
      held.look("a", look(at, count))
      return held.takeChanged()?.map((place) => place.count)
    }
    deepStrictEqual(told(0, 3), [3])
    deepStrictEqual(told(0.4, 3), undefined)
    deepStrictEqual(told(1, 4), [4])
    deepStrictEqual(told(60, 4), [4]) // it is another one that is the oldest, and it has not grown for a minute
    held.gone("a", 61 * second)
    deepStrictEqual(held.takeChanged(), [])
  })

  it("is the sum over all programs, without those that are gone", () => {
    const held = new HeldPlaces<string>()
    held.look("a", look(0, 3, 2))
    held.look("b", look(1, 4))
    deepStrictEqual([held.all[0]?.count, held.rest], [7, 2])
    held.gone("a", 2 * second)
    deepStrictEqual([held.all[0]?.count, held.rest], [4, 0])
  })
})
