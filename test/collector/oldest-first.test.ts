import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import { OldestFirst } from "../../src/collector/oldest-first.ts"

const ofNumbers = (numbers: ReadonlyArray<number>) => {
  const entries = new OldestFirst<number, string>()
  for (const number of numbers) entries.set(number, `${number}`)
  return entries
}

describe("entries of which the oldest goes first", () => {
  it("go in the order in which they were set last", () => {
    const entries = ofNumbers([1, 2, 3, 1])
    entries.delete(2)
    deepStrictEqual([entries.shift(), entries.shift(), entries.shift()], ["3", "1", undefined])
  })

  it("go on when all were gone in between", () => {
    const entries = ofNumbers([1])
    deepStrictEqual([entries.shift(), entries.shift()], ["1", undefined])
    entries.set(2, "2")
    entries.set(3, "3")
    deepStrictEqual([entries.shift(), entries.size], ["2", 1])
  })

  it("cost the same however many were there before", () => {
    const entries = ofNumbers(Array.from({ length: 200_000 }, (_, n) => n))
    const start = performance.now()
    for (let n = 200_000; n < 400_000; n++) {
      entries.shift()
      entries.set(n, `${n}`)
    }
    strictEqual(entries.size, 200_000)
    strictEqual(performance.now() - start < 5_000, true)
  })
})
