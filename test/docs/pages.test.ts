import { readdirSync, readFileSync } from "node:fs"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { pages, recordingFile } from "../../docs/pages.ts"
import { isJudgedInRecordings } from "../../docs/rule-page.ts"
import { rules } from "../../otel/lifetimes/registry.ts"
import { diagnoseSource } from "../../src/recordings/diagnosis/diagnose-source.ts"
import { fileSource } from "../../src/recordings/file-source.ts"
import { exchangesThatShow } from "../support/exchanges-that-show.ts"

const names = rules.map(({ name }) => name)

describe("the pages of the rules", () => {
  it.effect("are what would be generated now: npm run docs", () =>
    Effect.gen(function* () {
      for (const { file, text } of yield* pages) {
        expect(readFileSync(file, "utf8"), file).toBe(text)
      }
    }).pipe(Effect.provide(NodeServices.layer)),
  )

  it("are one for each rule, with its recording, and the index", () => {
    const expected = names.flatMap((name) => [`${name}.md`, `${name}.otlp.jsonl`])
    const folder = new URL("../../docs/rules/", import.meta.url)
    expect(readdirSync(folder).sort()).toEqual([...expected, "README.md"].sort())
  })

  it("have no line of code in a repair that is wider than 72 columns", () => {
    const code = rules.flatMap(({ suggestion }) =>
      suggestion.split("\n").filter((line) => line.startsWith("  ")),
    )
    expect(code.filter((line) => line.length > 72)).toEqual([])
  })

  it("have every rule in the table of the library's page, with a link", () => {
    const text = readFileSync(new URL("../../docs/library.md", import.meta.url), "utf8")
    for (const name of names) expect(text).toContain(`[\`${name}\`](rules/${name}.md)`)
  })
})

describe("the recording of", () => {
  it.effect.each(rules.map((rule) => ({ rule, name: rule.name })))(
    "$name gives its rule and no other to diagnose",
    ({ rule }) =>
      Effect.gen(function* () {
        const { findings, exchangesJudged, skippedLines, notes } = yield* diagnoseSource(
          yield* fileSource(recordingFile(rule)),
        )
        expect({ skippedLines, notes }).toEqual({ skippedLines: 0, notes: [] })
        expect(exchangesJudged).toBeGreaterThan(0)
        expect(findings.map(({ finding }) => [finding.rule, finding.count])).toEqual(
          isJudgedInRecordings(rule) ? [[rule.name, exchangesThatShow(rule.name)]] : [],
        )
      }).pipe(Effect.provide(NodeServices.layer)),
  )

  it.each(rules)("$name holds nothing of the machine on which it was made", (rule) => {
    const text = readFileSync(recordingFile(rule), "utf8")
    const keys = new Set([...text.matchAll(/"key":"([^"]+)"/g)].map(([, key]) => key))
    for (const key of keys) expect(key).not.toMatch(/^(host|os|process|user)\./)
    expect(text).not.toMatch(/file:|node_modules|\/tmp\/|\/home\/|\/Users\/|\\\\/)
    for (const [, host] of text.matchAll(/https?:\/\/([^/:"]+)/g)) expect(host).toBe("127.0.0.1")
  })
})
