import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import type { ExchangeId, ExchangeRow } from "../../src/page/snapshot.ts"
import { ExchangeList } from "../../src/watch/exchange-list.ts"

const row = (number: number, more: Partial<ExchangeRow> = {}): ExchangeRow => ({
  id: `${number}.1`,
  run: 1,
  service: "ticks",
  route: "GET /event",
  startedAt: number,
  endedAt: number + 1,
  state: "ended",
  isStream: false,
  kinds: [],
  words: "",
  ...more,
})

const open = (number: number): ExchangeRow => {
  const { endedAt: _, ...rest } = row(number)
  return { ...rest, state: "open" }
}

const found = (number: number) => row(number, { kinds: ["scope-closed-early-1"] })

const examples = new Set<ExchangeId>(["2.1"])

const listOf = (rows: ReadonlyArray<ExchangeRow>) => {
  const list = new ExchangeList(({ id }) => examples.has(id), { open: 3, ended: 2, found: 2 })
  for (const one of rows) {
    list.put(one)
    list.letGo()
  }
  return list
}

const numbersOf = (list: ExchangeList) => list.rows.map(({ id }) => Number.parseInt(id, 10))

describe("the list of exchanges", () => {
  it("lets go of the oldest that ended without a finding, and counts them", () => {
    const list = listOf([open(1), row(3), row(4), row(5), row(6)])
    deepStrictEqual(numbersOf(list), [6, 5, 1])
    deepStrictEqual(list.counts, {
      open: 1,
      lastHeard: 0,
      ended: 4,
      letGo: 2,
      foundLetGo: 0,
      openLetGo: 0,
    })
  })

  it("keeps the examples of findings, and lets go of others like them", () => {
    const list = listOf([found(2), found(3), found(4), found(5)])
    deepStrictEqual(numbersOf(list), [5, 2])
    deepStrictEqual(list.counts.foundLetGo, 2)
  })

  it("lets go of what is open only where there is too much of that, and says so", () => {
    const list = listOf([open(1), open(2), open(3), open(4)])
    deepStrictEqual(numbersOf(list), [4, 3, 2])
    strictEqual(list.counts.openLetGo, 1)
  })

  it("does not count as open what was open when its program was last heard of, unless that comes back", () => {
    const heard = { ...open(2), state: "last heard", lastHeardAt: 5 } as const
    const list = listOf([open(1), open(2), heard])
    const { open: first, lastHeard } = list.counts
    deepStrictEqual({ first, lastHeard }, { first: 1, lastHeard: 1 })
    list.put(open(2))
    deepStrictEqual(list.counts.open, 2)
    deepStrictEqual(list.counts.lastHeard, 0)
  })

  it("counts an exchange once, however often its row changes", () => {
    const list = listOf([open(1), row(1), found(1), row(1)])
    deepStrictEqual(list.counts, {
      open: 0,
      lastHeard: 0,
      ended: 1,
      letGo: 0,
      foundLetGo: 0,
      openLetGo: 0,
    })
  })

  it("tells each change once, and nothing of a row that is the same", () => {
    const list = listOf([row(3), row(4)])
    strictEqual(list.takeChanges().put.length, 2)
    list.put(row(3))
    deepStrictEqual(list.takeChanges(), { put: [], gone: [] })
    list.put(row(5))
    list.letGo()
    const { put, gone } = list.takeChanges()
    deepStrictEqual([put.map(({ id }) => id), gone], [["5.1"], ["3.1"]])
  })
})
