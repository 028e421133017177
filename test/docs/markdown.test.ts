import { describe, expect, it } from "vitest"
import { fence, suggestionMarkdown, table } from "../../docs/markdown.ts"

describe("a suggestion as Markdown", () => {
  it("is paragraphs of prose, and code with the empty lines in it and without its indent", () => {
    const suggestion = `Subscribe in the handler,
before the response exists:

  const bus = yield* Bus

  class Relay {
    static readonly layer = relay
  }

or do without.`
    expect(
      suggestionMarkdown(suggestion),
    ).toBe(`Subscribe in the handler, before the response exists:

\`\`\`ts
const bus = yield* Bus

class Relay {
  static readonly layer = relay
}
\`\`\`

or do without.`)
  })
})

describe("a table", () => {
  it("has its first row as the heading, and no cell that ends another", () => {
    expect(table([["rule"], ["a|b"]])).toBe("| rule |\n| --- |\n| a\\|b |")
  })
})

describe("a fence", () => {
  it("ends behind the last line that is not empty", () => {
    expect(fence("text", "a\nb\n\n")).toBe("```text\na\nb\n```")
  })
})
