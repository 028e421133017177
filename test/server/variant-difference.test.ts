import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"

/** The code of a variant, line by line: its comments say why, and may take the room they need. */
const linesOf = (variant: string): ReadonlyArray<string> =>
  readFileSync(new URL(`../../src/server/variants/${variant}.ts`, import.meta.url), "utf8")
    .replace(/^\s*\/\*\*[\s\S]*?\*\/\n/gm, "")
    .replace(/^\s*\/\/.*\n/gm, "")
    .split("\n")
    .filter((line) => line !== "")

/** How many lines `diff` marks as removed or added: all that are in no longest common sequence. */
const changedLines = (before: ReadonlyArray<string>, after: ReadonlyArray<string>): number => {
  let above = after.map(() => 0)
  for (const line of before) {
    const row: Array<number> = []
    after.forEach((other, column) => {
      const diagonal = above[column - 1] ?? 0
      row.push(line === other ? diagonal + 1 : Math.max(above[column] ?? 0, row[column - 1] ?? 0))
    })
    above = row
  }
  return before.length + after.length - 2 * (above.at(-1) ?? 0)
}

describe("the fixed stream", () => {
  it("differs from the broken one in at most 15 lines of code", () => {
    const changed = changedLines(linesOf("broken"), linesOf("fixed"))
    expect(changed).toBeGreaterThan(0)
    expect(changed).toBeLessThanOrEqual(15)
  })
})

describe("a difference of lines", () => {
  it("is what was removed and what was added", () => {
    expect(changedLines(["a", "b", "c"], ["a", "c"])).toBe(1)
    expect(changedLines(["a", "b", "c"], ["a", "x", "c"])).toBe(2)
    expect(changedLines(["a", "b"], ["b", "a"])).toBe(2)
    expect(changedLines(["a"], ["a"])).toBe(0)
  })
})
