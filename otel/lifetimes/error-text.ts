/** What an error says, in one line: that of a schema or of a database has several, and indents them. */
export const oneLine = (message: string): string => message.trim().replace(/\s+/g, " ")

/** Longer than most errors, and short enough to leave the rest of the sentence readable. */
const longestInSentence = 300

/** As a sentence says it, in quotes. The evidence has the whole of it. */
export const quotedError = (message: string): string => {
  const line = oneLine(message)
  const said =
    line.length <= longestInSentence ? line : `${line.slice(0, longestInSentence - 1).trimEnd()}…`
  return `"${said}"`
}
