/** `npm run check` reads every Markdown file with this: plain English, in short sentences. */
import { globSync, readFileSync } from "node:fs"
import { TextlintKernel, type TextlintMessage } from "@textlint/kernel"
import { MarkdownProcessor } from "@textlint/textlint-plugin-markdown/lib/src/MarkdownProcessor.js"
import { fewCommas, plainPhrases, shortSentences } from "./prose/rules.ts"

const kernel = new TextlintKernel()

const rules = [
  { ruleId: "plain-phrases", rule: plainPhrases },
  { ruleId: "short-sentences", rule: shortSentences },
  { ruleId: "few-commas", rule: fewCommas },
]

/** What is wrong with the prose of a text in Markdown. */
export const problemsIn = async (text: string): Promise<ReadonlyArray<TextlintMessage>> => {
  const { messages } = await kernel.lintText(text, {
    ext: ".md",
    plugins: [{ pluginId: "markdown", plugin: { Processor: MarkdownProcessor } }],
    rules,
  })
  return messages
}

const check = async (): Promise<void> => {
  const files = globSync(["*.md", "docs/**/*.md", "examples/**/*.md", "packaging/*.md"])
  for (const file of files) {
    for (const { line, message, ruleId } of await problemsIn(readFileSync(file, "utf8"))) {
      console.error(`${file}:${line}: ${message} (${ruleId})`)
      process.exitCode = 1
    }
  }
}

if (import.meta.main) await check()
