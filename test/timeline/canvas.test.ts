import { describe, expect, it } from "vitest"
import { Canvas } from "../../otel/timeline/canvas.ts"

describe("a canvas", () => {
  it("leaves out what lies outside, and a wide character that does not fit whole", () => {
    const canvas = new Canvas(4)
    canvas.put(-1, "abc", "plain")
    canvas.put(3, "日", "plain")
    canvas.put(9, "x", "plain")
    expect(canvas.toLine()).toEqual([{ text: "bc", role: "plain" }])
  })

  it("joins neighbours of one role and keeps the others apart", () => {
    const canvas = new Canvas(8)
    canvas.put(0, "ab", "scope")
    canvas.put(2, "c", "mark")
    canvas.put(3, "日e\u0301", "mark")
    expect(canvas.toLine()).toEqual([
      { text: "ab", role: "scope" },
      { text: "c日e\u0301", role: "mark" },
    ])
  })

  it("puts behind only where nothing stands, spaces that were put included", () => {
    const canvas = new Canvas(4)
    canvas.put(0, "a b", "plain")
    for (const column of [0, 1, 3]) canvas.putBehind(column, "╎", "tie")
    expect(canvas.toLine()).toEqual([
      { text: "a b", role: "plain" },
      { text: "╎", role: "tie" },
    ])
  })
})
