import type { Evidence } from "../../../otel/lifetimes/finding.ts"
import { valueText } from "../../../otel/timeline/finding-lines.ts"
import { blocksOf } from "../../../otel/timeline/suggestion.ts"
import { type Markup, markup } from "../markup.ts"

export const evidenceView = (evidence: Evidence): Markup =>
  markup`<dl class="evidence">${Object.entries(evidence).map(
    ([key, value]) => markup`<div><dt>${key}</dt><dd>${valueText(value)}</dd></div>`,
  )}</dl>`

/** How to fix it: prose and code. Neighbouring lines of code are one block. */
export const fixView = (suggestion: string): ReadonlyArray<Markup> =>
  fixParts(suggestion).map(({ code, lines }) =>
    code ? codeBlock(lines) : markup`<p>${lines.join(" ")}</p>\n`,
  )

export interface FixPart {
  readonly code: boolean
  readonly lines: ReadonlyArray<string>
}

export const fixParts = (suggestion: string): ReadonlyArray<FixPart> => {
  const parts: Array<{ readonly code: boolean; readonly lines: Array<string> }> = []
  for (const { code, text } of blocksOf(suggestion)) {
    const last = parts.at(-1)
    if (last?.code === true && (code || text === "")) last.lines.push(text)
    else if (text !== "") parts.push({ code, lines: [text] })
  }
  // Blank lines between two blocks belong to neither.
  for (const { lines } of parts) while (lines.at(-1) === "") lines.pop()
  return parts
}

const codeBlock = (lines: ReadonlyArray<string>): Markup => {
  const text = unindented(lines).map((line) => markup`${line}\n`)
  return markup`<pre tabindex="0"><code>${text}</code></pre>\n`
}

/** Code for the clipboard: without the indentation from the prose. */
export const unindented = (lines: ReadonlyArray<string>): ReadonlyArray<string> => {
  const indents = lines.filter((line) => line.trim() !== "").map((line) => line.search(/\S/))
  const indent = Math.min(...indents)
  return lines.map((line) => line.slice(indent))
}
