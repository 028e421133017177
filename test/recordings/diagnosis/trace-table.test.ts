import { describe, expect, it } from "vitest"
import { TraceTable } from "../../../src/recordings/diagnosis/trace-table.ts"

const id = (number: number): string => number.toString(16).padStart(32, "0")

describe("the table of traces", () => {
  it("knows each of many traces by its whole id, with its numbers", () => {
    const table = new TraceTable()
    for (let number = 0; number < 50_000; number++) table.add(id(number), number + 1, 10)
    table.add(id(7), 2, 5)
    expect(table.size).toBe(50_000)
    expect(table.get(id(7))).toEqual({ spans: 10, bytes: 15 })
    expect(table.get(id(49_999))).toEqual({ spans: 50_000, bytes: 10 })
    expect(table.has(id(50_000))).toBe(false)
    expect(table.has(id(7).replace(/^0/, "1"))).toBe(false)
  })

  it("keeps marks as it grows, and changes all of one kind at once", () => {
    const table = new TraceTable()
    for (const number of [1, 2]) {
      table.add(id(number), 1, 1)
      table.mark(id(number), number)
    }
    for (let number = 100; number < 5_000; number++) table.add(id(number), 1, 1)
    expect([1, 2, 100].map((number) => table.markOf(id(number)))).toEqual([1, 2, 0])
    table.remark(1, 3)
    expect([1, 2, 100].map((number) => table.markOf(id(number)))).toEqual([3, 2, 0])
  })
})
