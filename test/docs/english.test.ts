import { describe, expect, it } from "vitest"
import { documents, documentText, prose } from "./documents.ts"

/** Turns of phrase that readers have to read twice, each with what to write instead. */
const hard: ReadonlyArray<readonly [RegExp, string]> = [
  [/\bno rule held\b/i, "no problems found"],
  [/\b(?:is|are) none (?:that|of)\b/i, "is not"],
  [/\bof (?:its|their) own accord\b/i, "by itself"],
  [/\bholds? where\b/i, "applies if"],
  [/\b(?:that|which) is said\b/i, "it tells you"],
  [/\bwhere (?:it|that|there) (?:is|has)\b/i, "if it is"],
  [/\bwhoever\b/i, "people who"],
  [/\bwhat to change\b/i, "how to fix it"],
]

/** Without blocks of code, and without what is quoted. */
const sentencesOf = (path: string): string =>
  prose(documentText(path))
    .replace(/"[^"\n]*"/g, "")
    .replaceAll("\n", " ")

describe("plain English", () => {
  it.each(documents)("is what %s is written in", (path) => {
    const text = sentencesOf(path)
    const found = hard.flatMap(([phrase, instead]) => {
      const [hit] = phrase.exec(text) ?? []
      return hit === undefined ? [] : [`"${hit}": write "${instead}"`]
    })
    expect(found).toEqual([])
  })
})
