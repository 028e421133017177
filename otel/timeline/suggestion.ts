import { printable } from "./printable.ts"

/** A part of a suggestion, which is prose and indented code. */
export interface Block {
  readonly code: boolean
  readonly text: string
}

/** Lines of code and empty lines each for itself, neighbouring lines of prose as one. */
export const blocksOf = (suggestion: string): ReadonlyArray<Block> => {
  const blocks: Array<Block> = []
  for (const line of suggestion.split("\n")) {
    const text = printable(line).trimEnd()
    const code = text.startsWith(" ")
    const last = blocks.at(-1)
    if (last === undefined || last.code || code || last.text === "" || text === "") {
      blocks.push({ code, text })
    } else blocks[blocks.length - 1] = { code, text: `${last.text} ${text}` }
  }
  return blocks
}
