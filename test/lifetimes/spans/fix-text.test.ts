import { describe, expect, it } from "vitest"
import { rules } from "../../../otel/lifetimes/registry.ts"
import { fixText } from "../../../otel/lifetimes/spans/fix-text.ts"

const prose = "Remove the scope around it. ".repeat(8).trim()

describe("the fix in a span", () => {
  it("has its prose in lines of 80 columns, which Jaeger does not break", () => {
    const lines = fixText(prose.replace("around ", "around\n")).split("\n")
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80)
    expect(lines.join(" ")).toBe(prose)
  })

  it("has its code and its paragraphs as they are", () => {
    const code =
      "Fork it:\n\n  const scope = yield* a(\n    b\n  )\n\n  use(scope)\n\nThen close it."
    expect(fixText(code)).toBe(code)
  })

  it.each(rules)("says all that $name suggests", ({ suggestion }) => {
    expect(fixText(suggestion).split(/\s+/)).toEqual(suggestion.split(/\s+/))
  })
})
