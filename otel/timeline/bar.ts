import type { LifetimeKind } from "../lifetimes/terms.ts"
import type { Axis } from "./axis.ts"
import { positionOn } from "./axis.ts"
import type { Canvas } from "./canvas.ts"
import { columnsOf } from "./columns.ts"
import type { MarkKind, Row } from "./row.ts"

/** The columns of a line that belong to the time axis. */
export interface Plot {
  readonly axis: Axis
  readonly left: number
  readonly width: number
}

export const columnAt = (plot: Plot, millis: number): number =>
  plot.left + Math.round(positionOn(plot.axis, millis) * (plot.width - 1))

const lastColumn = (plot: Plot): number => plot.left + plot.width - 1

interface Pen {
  readonly start: string
  readonly line: string
  readonly end: string
  /** For a lifetime that begins and ends in one column. */
  readonly brief: string
}

/** How each kind of lifetime is drawn: the kinds differ in shape, so that colour is not needed. */
export const pens: Readonly<Record<LifetimeKind, Pen>> = {
  client: { start: "├", line: "┄", end: "┤", brief: "│" },
  exchange: { start: "┣", line: "━", end: "┫", brief: "┃" },
  handler: { start: "┝", line: "╍", end: "┥", brief: "╎" },
  scope: { start: "├", line: "─", end: "✕", brief: "✕" },
  subscription: { start: "┠", line: "▒", end: "┨", brief: "▒" },
  queue: { start: "┠", line: "╌", end: "┨", brief: "╎" },
  stream: { start: "╞", line: "═", end: "╡", brief: "║" },
  fiber: { start: "╟", line: "·", end: "╢", brief: "·" },
  finalizer: { start: "╟", line: "┈", end: "╢", brief: "┊" },
}

/** Marks that stand inside a bar; the others are edges of it. */
export const innerMarks = {
  "head-sent": "◇",
  "first-event": "◆",
} as const satisfies Partial<Record<MarkKind, string>>

export const stillOpen = "►"
/** A lifetime that began before the start of the axis. */
export const openBefore = "◄"
/** Between a scope's close and the end of its finalizers. */
const finalizing = "╌"

export const drawBar = (canvas: Canvas, plot: Plot, row: Row): void => {
  const { start, end } = barColumns(plot, row)
  const pen = pens[row.kind]
  const isOpen = row.interval.end === undefined
  canvas.put(start, pen.line.repeat(end - start + 1), row.kind)
  if (start === end && !isOpen) canvas.put(start, pen.brief, row.kind)
  else {
    canvas.put(start, row.interval.start < 0 ? openBefore : pen.start, row.kind)
    canvas.put(end, isOpen ? stillOpen : pen.end, row.kind)
  }
  drawClose(canvas, plot, row, start, end)
  drawMarks(canvas, plot, row, start, end)
}

const barColumns = (plot: Plot, { interval }: Row): { start: number; end: number } => {
  const start = columnAt(plot, interval.start)
  const end = interval.end === undefined ? lastColumn(plot) : columnAt(plot, interval.end)
  return { start, end: Math.max(start, end) }
}

const drawClose = (canvas: Canvas, plot: Plot, row: Row, start: number, end: number): void => {
  const closed = row.marks.find(({ kind }) => kind === "scope-closed")
  if (closed === undefined) return
  const at = Math.min(end, Math.max(start, columnAt(plot, closed.at)))
  if (at < end) {
    canvas.put(at, finalizing.repeat(end - at), row.kind)
    canvas.put(end, row.interval.end === undefined ? stillOpen : "┤", row.kind)
  }
  canvas.put(at, pens.scope.end, "mark")
}

/** A mark at the very end of a bar moves one column in, if there is one. */
const drawMarks = (canvas: Canvas, plot: Plot, row: Row, start: number, end: number): void => {
  for (const { kind, at } of row.marks) {
    if (kind !== "head-sent" && kind !== "first-event") continue
    const column = Math.min(columnAt(plot, at), end - 1)
    if (column >= start) canvas.put(column, innerMarks[kind], "mark")
  }
}

/**
 * Writes the facts about a row behind its bar, or else into the longest plain stretch of the bar. If facts find
 * no room, the least telling are left out first.
 */
export const drawFacts = (canvas: Canvas, plot: Plot, row: Row): void => {
  for (let count = row.facts.length; count > 0; count -= 1) {
    const text = row.facts.slice(0, count).join(", ")
    const column = roomFor(canvas, plot, row, columnsOf(text))
    if (column === undefined) continue
    canvas.put(column - 1, ` ${text} `, "muted")
    return
  }
}

const roomFor = (canvas: Canvas, plot: Plot, row: Row, width: number): number | undefined => {
  const { start, end } = barColumns(plot, row)
  const behind = end + 2
  if (behind + width - 1 <= lastColumn(plot) && canvas.isFree(end + 1, behind + width))
    return behind
  const stretch = longestStretch(canvas, start, end, pens[row.kind].line)
  // Two columns of the bar stay visible on either side of the text and its two spaces.
  if (stretch.length < width + 6) return undefined
  return stretch.start + Math.floor((stretch.length - width) / 2)
}

const longestStretch = (
  canvas: Canvas,
  start: number,
  end: number,
  line: string,
): { start: number; length: number } => {
  let longest = { start, length: 0 }
  let current = { start, length: 0 }
  for (let column = start; column <= end; column += 1) {
    current =
      canvas.at(column) === line
        ? { start: current.start, length: current.length + 1 }
        : { start: column + 1, length: 0 }
    if (current.length > longest.length) longest = current
  }
  return longest
}
