import { wrap } from "./columns.ts"

/** What a piece of text is about; a painter may colour by it, the text says the same without. */
export type Role =
  | "title"
  | "axis"
  | "client"
  | "exchange"
  | "handler"
  | "scope"
  | "subscription"
  | "queue"
  | "stream"
  | "fiber"
  | "finalizer"
  | "mark"
  | "tie"
  | "finding"
  | "warning"
  | "muted"
  | "plain"

export interface Segment {
  readonly text: string
  readonly role: Role
}

/** One line of text, without its line break. */
export type Line = ReadonlyArray<Segment>

/** The lines without their roles, each ended by a line break. */
export const plainText = (lines: ReadonlyArray<Line>): string =>
  lines.map((line) => `${line.map(({ text }) => text).join("")}\n`).join("")

/** A text in lines of at most `width` columns, its indent included. */
export const paragraph = (
  text: string,
  indent: number,
  width: number,
  role: Role,
): ReadonlyArray<Line> =>
  wrap(text, width - indent).map((line) => [{ text: " ".repeat(indent) + line, role }])
