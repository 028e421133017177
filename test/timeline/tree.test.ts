import { expect, it } from "vitest"
import { treeBefore, treeLines } from "../../otel/timeline/tree.ts"

it("branches go on only where a later row hangs at the same depth", () => {
  expect(treeLines([0, 0, 1, 2, 3, 2, 1])).toEqual(["", "", "├ ", "│ ├ ", "│ │ └ ", "│ └ ", "└ "])
})

it("branches of rows deeper than 8 are those of depth 8", () => {
  expect(treeLines([9, 8, 30])).toEqual(["├ ", "├ ", "└ "].map((end) => " ".repeat(14) + end))
})

it("branches go on beside what stands between a row and the one above", () => {
  expect(["", "└ ", "│ ├ ", "  └ "].map(treeBefore)).toEqual(["", "│ ", "│ │ ", "  │ "])
})
