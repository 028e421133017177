import { describe, expect, it } from "vitest"
import { columnsOf, truncate, wrap } from "../../otel/timeline/columns.ts"

describe("columns", () => {
  it("counts wide characters twice and combining marks with their letter", () => {
    expect(columnsOf("GET /event")).toBe(10)
    expect(columnsOf("├━◆╡►")).toBe(5)
    expect(columnsOf("日本")).toBe(4)
    expect(columnsOf("🚀")).toBe(2)
    expect(columnsOf("e\u0301")).toBe(1)
  })

  it("fits a text into a width with an ellipsis, and never splits a wide character", () => {
    expect(truncate("subscription", 12)).toBe("subscription")
    expect(truncate("subscription", 6)).toBe("subsc…")
    expect(truncate("日本語", 4)).toBe("日…")
    expect(truncate("subscription", 0)).toBe("")
  })

  it("wraps at spaces, and inside a word only where it is wider than a line", () => {
    expect(wrap("the scope closed early", 9)).toEqual(["the scope", "closed", "early"])
    expect(wrap("an abcdefghij", 4)).toEqual(["an", "abcd", "efgh", "ij"])
    expect(wrap("日本語", 4)).toEqual(["日本", "語"])
    expect(wrap("", 9)).toEqual([])
  })

  it("keeps a number with its unit", () => {
    expect(wrap("closed at 0.60 ms after", 14)).toEqual(["closed at", "0.60 ms after"])
  })
})
