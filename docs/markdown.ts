import type { Incident } from "../otel/lifetimes/rule.ts"
import { type Block, blocksOf } from "../otel/timeline/suggestion.ts"

/** A table whose first row is its heading. */
export const table = (rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  rows
    .flatMap((cells, index) => {
      const row = `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`
      return index === 0 ? [row, `| ${cells.map(() => "---").join(" | ")} |`] : [row]
    })
    .join("\n")

export const fence = (language: string, text: string): string =>
  `\`\`\`${language}\n${text.replace(/\n+$/, "")}\n\`\`\``

export const incidentLink = ({ title, url }: Incident): string => `[${title}](${url})`

/** Prose as paragraphs, and indented code, with the empty lines in it, as TypeScript. */
export const suggestionMarkdown = (suggestion: string): string => {
  const parts: Array<Block> = []
  for (const block of blocksOf(suggestion)) {
    const last = parts.at(-1)
    const goesOn = last?.code === true && (block.code || block.text === "")
    if (goesOn) parts[parts.length - 1] = { code: true, text: `${last.text}\n${block.text}` }
    else if (block.text !== "") parts.push(block)
  }
  return parts
    .map(({ code, text }) => (code ? fence("ts", withoutIndent(text)) : text))
    .join("\n\n")
}

const withoutIndent = (code: string): string => {
  const lines = code.split("\n")
  const indents = lines.filter((line) => line !== "").map((line) => line.search(/\S/))
  const indent = Math.min(...indents)
  return lines.map((line) => line.slice(indent)).join("\n")
}
