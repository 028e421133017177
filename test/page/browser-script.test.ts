import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { afterAll, describe, expect, it } from "vitest"
import { scriptOf } from "../../src/page/browser-script.ts"

const folder = mkdtempSync(join(tmpdir(), "scopeline-script-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const script = (modules: Readonly<Record<string, string>>) => {
  for (const [name, text] of Object.entries(modules)) writeFileSync(join(folder, name), text)
  return scriptOf(pathToFileURL(join(folder, "main.ts")))
}

/** What the entry says when it runs. */
const said = (text: string): unknown => new Function(`let said; ${text}; return said`)()

describe("the script of the page", () => {
  it("is all modules in one: each has names of its own, and is run once", () => {
    const text = script({
      "main.ts": `import { one, type One } from "./one.ts"\nimport { two as other } from "./two.ts"\nsaid = one(2) + other`,
      "one.ts": `import { two } from "./two.ts"\nexport interface One { readonly a: number }\nconst hidden = two\nexport const one = (by: number): number => hidden * by`,
      "two.ts": `/** A comment. */\nconst hidden = 10\nexport const two = hidden`,
    })
    expect(said(text)).toBe(30)
    expect(text.match(/const two/g)).toHaveLength(1)
    expect(text).not.toMatch(/comment|interface|: number/)
  })

  it("cannot be ended, or hidden, by a text that stands in it", () => {
    const tag = "</script><!--<script>"
    const text = script({ "main.ts": `said = \`${tag}\`` })
    expect(text).not.toMatch(/<\/?script|<!--/)
    expect(said(text)).toBe(tag)
  })

  it("is not made of what it would not understand", () => {
    for (const form of [
      `import all from "./two.ts"`,
      `import * as all from "./two.ts"`,
      `export default 1`,
      `export * from "./two.ts"`,
      `import { Effect } from "effect"`,
    ]) {
      expect(() => script({ "main.ts": form }), form).toThrow(/form that is not known/)
    }
  })

  it("warns of nothing when it takes the types out", () => {
    const warnings: Array<unknown> = []
    const { emitWarning } = process
    process.emitWarning = (warning: unknown) => warnings.push(warning)
    script({ "main.ts": `said = 1 as number` })
    process.emitWarning = emitWarning
    expect(warnings).toEqual([])
  })
})
