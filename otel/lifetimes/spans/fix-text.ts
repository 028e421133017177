/** Jaeger breaks a line that does not fit in the middle of a word: these fit. */
const mostColumns = 80

/** A suggestion for a viewer of traces: its prose in short lines, its code as it is. */
export const fixText = (suggestion: string): string =>
  suggestion
    .split("\n\n")
    .map((part) => (isCode(part) ? part : shortLines(part)))
    .join("\n\n")

const isCode = (part: string): boolean => part.split("\n").some((line) => line.startsWith(" "))

const shortLines = (prose: string): string => {
  const lines: Array<string> = []
  for (const word of prose.split(/\s+/)) {
    const last = lines.at(-1)
    if (last === undefined || last.length + word.length >= mostColumns) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines.join("\n")
}
