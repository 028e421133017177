/** How text falls into the columns of a terminal, where not every character takes one. */

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" })

/** ASCII and the signs of our own drawings: one column each, known without looking for graphemes. */
const plain = /^[\x20-\x7e\u00b7\u2026\u2500-\u25cf\u2715]*$/

const wide =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f/u

const weightless = /^\p{M}+$/u

/** One character as a reader sees it, with the columns it takes: 0, 1 or 2. */
interface Glyph {
  readonly text: string
  readonly columns: number
}

const glyphOf = (text: string): Glyph => ({
  text,
  columns: wide.test(text) ? 2 : weightless.test(text) ? 0 : 1,
})

export const glyphsOf = (text: string): ReadonlyArray<Glyph> =>
  plain.test(text)
    ? Array.from(text, (character) => ({ text: character, columns: 1 }))
    : Array.from(graphemes.segment(text), ({ segment }) => glyphOf(segment))

/** The columns that a text takes. */
export const columnsOf = (text: string): number =>
  plain.test(text) ? text.length : glyphsOf(text).reduce((sum, { columns }) => sum + columns, 0)

/** The text, or as much of its beginning as fits beside an ellipsis. */
export const truncate = (text: string, width: number): string => {
  if (columnsOf(text) <= width) return text
  return width < 1 ? "" : `${beginning(text, width - 1)}…`
}

const beginning = (text: string, width: number): string => {
  let taken = ""
  let room = width
  for (const glyph of glyphsOf(text)) {
    room -= glyph.columns
    if (room < 0) break
    taken += glyph.text
  }
  return taken
}

/** Where a line may break: not between a number and its unit. */
const spaces = / +(?!(?:ms|s|min)\b)/

/** The text in lines of at most `width` columns, broken at spaces, and inside words that are longer. */
export const wrap = (text: string, width: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let line = ""
  const words = text.split(spaces).filter((word) => word !== "")
  for (const word of words.flatMap((it) => pieces(it, width))) {
    const longer = line === "" ? word : `${line} ${word}`
    if (columnsOf(longer) <= width) {
      line = longer
      continue
    }
    if (line !== "") lines.push(line)
    line = word
  }
  return line === "" ? lines : [...lines, line]
}

/** A word cut so that each piece fits; a glyph that is wider than the width still makes progress. */
const pieces = (word: string, width: number): ReadonlyArray<string> => {
  if (columnsOf(word) <= width) return [word]
  const found: Array<string> = []
  let piece = ""
  let taken = 0
  for (const { text, columns } of glyphsOf(word)) {
    if (taken + columns > width && piece !== "") {
      found.push(piece)
      piece = ""
      taken = 0
    }
    piece += text
    taken += columns
  }
  return [...found, piece]
}
