import { glyphsOf } from "./columns.ts"
import type { Line, Role, Segment } from "./segment.ts"

interface Cell {
  readonly text: string
  readonly role: Role
}

const blank: Cell = { text: " ", role: "plain" }

/** One line as cells of one terminal column each. What is put outside of it is left out. */
export class Canvas {
  readonly width: number
  readonly #cells: Array<Cell>

  constructor(width: number) {
    this.width = width
    this.#cells = Array.from({ length: width }, () => blank)
  }

  /** Writes over what is there. */
  put(column: number, text: string, role: Role): void {
    let at = column
    for (const glyph of glyphsOf(text)) {
      if (at >= 0 && at + glyph.columns <= this.width)
        this.#place(at, glyph.text, glyph.columns, role)
      at += glyph.columns
    }
  }

  /** Writes only on empty columns. */
  putBehind(column: number, text: string, role: Role): void {
    if (this.isFree(column, column)) this.put(column, text, role)
  }

  /** True if all columns in this range are empty. */
  isFree(from: number, to: number): boolean {
    for (let column = from; column <= to; column += 1) {
      if (this.#cells[column] !== blank) return false
    }
    return true
  }

  /** Changes the role of a column. */
  recast(column: number, role: Role): void {
    const cell = this.#cells[column]
    if (cell !== undefined && cell !== blank) this.#cells[column] = { text: cell.text, role }
  }

  /** The character at a column; empty outside. */
  at(column: number): string {
    return this.#cells[column]?.text ?? ""
  }

  /** The line with neighbours of one role joined, and nothing after the last character. */
  toLine(): Line {
    const line: Array<Segment> = []
    const last = this.#cells.findLastIndex((cell) => cell.text !== " ")
    for (const { text, role } of this.#cells.slice(0, last + 1)) {
      const previous = line.at(-1)
      if (previous?.role === role) line[line.length - 1] = { text: previous.text + text, role }
      else line.push({ text, role })
    }
    return line
  }

  #place(at: number, text: string, columns: number, role: Role): void {
    if (columns === 0) {
      const before = this.#cells[at - 1]
      if (before !== undefined)
        this.#cells[at - 1] = { text: before.text + text, role: before.role }
      return
    }
    this.#cells[at] = { text, role }
    for (let more = 1; more < columns; more += 1) this.#cells[at + more] = { text: "", role }
  }
}
