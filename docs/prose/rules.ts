import type { TextlintRuleModule } from "@textlint/kernel"
import { split } from "sentence-splitter"
import { hardPhrases } from "./hard-phrases.ts"

/** Readers have to read longer sentences twice. */
const mostWords = 34

/** More commas than this are a chain, or a list that should be one. */
const mostCommas = 7

/** The prose in a piece of Markdown: without code, addresses, HTML and quotations. */
const readText = (markdown: string): string =>
  markdown
    .replace(/`[^`]*`/g, "code")
    .replace(/!\[[^\]]*\]\([^)]*\)/g, "")
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/<[^>]*>/g, "")
    .replace(/"[^"\n]*"/g, "quoted")
    .replace(/[*_]{1,2}(\S[^*_]*)[*_]{1,2}/g, "$1")
    .replace(/\s+/g, " ")

const sentencesOf = (text: string): ReadonlyArray<string> =>
  split(text).flatMap((node) => (node.type === "Sentence" ? [node.raw.trim()] : []))

const wordsOf = (sentence: string): number =>
  sentence.split(/\s+/).filter((it) => /\w/.test(it)).length

const commasOf = (sentence: string): number => sentence.split(",").length - 1

/** A rule that checks the prose, one paragraph or cell at a time. */
const ruleOf =
  (
    problemsOf: (text: string) => ReadonlyArray<string>,
    { inTables = false } = {},
  ): TextlintRuleModule =>
  ({ RuleError, Syntax, getSource, report }) => {
    const check = (node: NonNullable<Parameters<typeof getSource>[0]>) => {
      for (const problem of problemsOf(readText(getSource(node)))) {
        report(node, new RuleError(problem))
      }
    }
    return {
      [Syntax.Paragraph]: check,
      ...(inTables ? { [Syntax.Header]: check, [Syntax.TableCell]: check } : {}),
    }
  }

const opening = (sentence: string): string => `"${sentence.slice(0, 60)}…"`

/** Phrases that readers have to read twice. */
export const plainPhrases = ruleOf(
  (text) =>
    hardPhrases.flatMap(([phrase, instead]) => {
      const [hit] = phrase.exec(text) ?? []
      return hit === undefined ? [] : [`"${hit}": write "${instead}"`]
    }),
  { inTables: true },
)

export const shortSentences = ruleOf(
  (text) =>
    sentencesOf(text).flatMap((sentence) => {
      const words = wordsOf(sentence)
      return words > mostWords
        ? [`${opening(sentence)} has ${words} words: make two sentences of it`]
        : []
    }),
  { inTables: true },
)

export const fewCommas = ruleOf((text) =>
  sentencesOf(text).flatMap((sentence) => {
    const commas = commasOf(sentence)
    return commas > mostCommas ? [`${opening(sentence)} has ${commas} commas: make it a list`] : []
  }),
)
