import { globSync, readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { pageStyle } from "../../src/page/style.ts"

const texts = (pattern: string): string =>
  globSync(pattern)
    .map((file) => readFileSync(file, "utf8"))
    .join("\n")

/** All that makes markup of the page, and the kinds of lifetimes, which are classes. */
const makers = texts("src/page/**/*.ts") + texts("otel/lifetimes/terms.ts")

const selectors = pageStyle.replaceAll(/\/\*[\s\S]*?\*\//g, "").match(/[^{}]+(?=\{)/g) ?? []

describe("the style of the page", () => {
  it("has every file of its folder", () => {
    for (const file of globSync("src/page/style/*.css")) {
      expect(pageStyle).toContain(readFileSync(file, "utf8"))
    }
  })

  it("names nothing that no markup has", () => {
    const names = new Set(
      selectors
        .filter((selector) => !selector.trim().startsWith("@"))
        .flatMap((selector) => [...selector.matchAll(/[.#]([a-z][a-z-]*)/gi)])
        .map(([, name = ""]) => name),
    )
    expect(names.size).toBeGreaterThan(100)
    expect([...names].filter((name) => !new RegExp(`\\b${name}`).test(makers))).toEqual([])
  })
})
