import { formatMillis } from "../lifetimes/time.ts"
import { type Axis, axisFor } from "./axis.ts"
import { columnAt, drawBar, drawFacts, type Plot } from "./bar.ts"
import { Canvas } from "./canvas.ts"
import { columnsOf, truncate } from "./columns.ts"
import { condensed } from "./condensed.ts"
import { type Differences, noDifferences } from "./difference.ts"
import { findingNote } from "./finding-note.ts"
import type { Layout, Panel } from "./layout.ts"
import { differenceSigns, legendFor } from "./legend.ts"
import { printable } from "./printable.ts"
import type { Row } from "./row.ts"
import { type Line, paragraph, plainText } from "./segment.ts"
import { ticksOn } from "./ticks.ts"
import { drawTie } from "./tie-line.ts"
import { treeBefore, treeLines } from "./tree.ts"

const narrowest = 40
const durationHeading = "lasted"

/** More rows than this nobody reads in a terminal. */
const mostRows = 100

interface DrawingOptions {
  /** What differs between the layouts is marked. */
  readonly differences?: Differences
  /** Whether findings have their sentence in the drawing; by default they have. */
  readonly sentences?: boolean
}

/**
 * Draws layouts one below the other on one time axis, in lines of at most `width` columns; a width
 * below 40 counts as 40.
 */
export const drawLines = (
  all: ReadonlyArray<Panel>,
  width: number,
  { differences = noDifferences, sentences = true }: DrawingOptions = {},
): ReadonlyArray<Line> => {
  const panels = all.map((panel) => ({ ...panel, layout: condensed(panel.layout, mostRows) }))
  const columns = Math.max(narrowest, Math.floor(width))
  const sheet = { ...sheetFor(panels, columns, differences), sentences }
  const layouts = panels.map(({ layout }) => layout)
  const lines = panels.flatMap((panel) => [...drawPanel(panel, sheet), []])
  return [...lines, ...legendFor(layouts, differences, sheet.plot.axis, sheet.width)]
}

/** The same drawing as plain text, each line ended by a line break. */
export const drawText = (...drawing: Parameters<typeof drawLines>): string =>
  plainText(drawLines(...drawing))

/** How the columns of every line are shared: labels, the plot, and how long each row lasted. */
interface Sheet {
  readonly width: number
  readonly labels: number
  readonly plot: Plot
  readonly differences: Differences
  readonly sentences: boolean
}

const sheetFor = (
  panels: ReadonlyArray<Panel>,
  width: number,
  differences: Differences,
): Omit<Sheet, "sentences"> => {
  const rows = panels.flatMap(({ layout }) => layout.rows)
  const longest = (texts: ReadonlyArray<string>) =>
    texts.reduce((most, text) => Math.max(most, columnsOf(text)), 0)
  const trees = panels.flatMap(({ layout }) => treeLines(layout.rows.map(({ depth }) => depth)))
  const labels = Math.min(
    Math.floor(width * 0.3),
    longest(rows.map(({ label }, index) => (trees[index] ?? "") + label)),
  )
  const durations = longest([durationHeading, ...rows.map((row) => lastedText(row, differences))])
  const left = labels + 2
  const axis: Axis = axisFor(panels.map(({ layout }) => layout))
  const plot = { axis, left, width: width - left - durations - 2 }
  return { width, labels, plot, differences }
}

const lastedText = (row: Row, differences: Differences): string => {
  const { start, end } = row.interval
  const lasted = end === undefined ? "open" : formatMillis(end - start)
  const difference = differences.get(row)
  if (difference !== undefined) return `${lasted} ${differenceSigns[difference.kind]}`
  return differences.size === 0 ? lasted : `${lasted}  `
}

const drawPanel = (panel: Panel, sheet: Sheet): ReadonlyArray<Line> => [
  titleLine(panel, sheet),
  ...axisLines(sheet),
  ...bodyLines(panel.layout, sheet),
  ...omittedLines(panel.layout, sheet),
]

const omittedLines = ({ omitted }: Layout, { width }: Sheet): ReadonlyArray<Line> =>
  omitted === 0 ? [] : paragraph(`${omitted} more lifetimes are not drawn.`, 0, width, "muted")

const titleLine = ({ title, note }: Panel, { width }: Sheet): Line => {
  const canvas = new Canvas(width)
  canvas.put(0, "─".repeat(width), "axis")
  const heading = truncate(printable(title), width - 6)
  canvas.put(2, ` ${heading} `, "title")
  if (note === undefined) return canvas.toLine()
  const column = columnsOf(heading) + 4
  const room = width - column - 4
  if (room > 0) canvas.put(column, `· ${truncate(printable(note), room)} `, "muted")
  return canvas.toLine()
}

const axisLines = (sheet: Sheet): ReadonlyArray<Line> => {
  const { plot } = sheet
  const labels = new Canvas(sheet.width)
  const rule = new Canvas(sheet.width)
  rule.put(plot.left, "─".repeat(plot.width), "axis")
  for (const { at, label, labelStart } of ticksOn(plot.axis, plot.width - 1, columnsOf)) {
    labels.put(plot.left + Math.round(labelStart), label, "axis")
    rule.put(columnAt(plot, at), "┬", "axis")
  }
  labels.put(sheet.width - columnsOf(durationHeading), durationHeading, "axis")
  return [labels.toLine(), rule.toLine()]
}

const bodyLines = (layout: Layout, sheet: Sheet): ReadonlyArray<Line> => {
  const trees = treeLines(layout.rows.map(({ depth }) => depth))
  const canvases: Array<Canvas> = []
  const lineOfRow: Array<number> = []
  for (const [index, row] of layout.rows.entries()) {
    lineOfRow.push(canvases.length)
    canvases.push(rowCanvas(row, trees[index] ?? "", sheet))
    const goesOn = truncate(treeBefore(trees[index + 1] ?? ""), sheet.labels)
    for (const note of notesAt(layout, index, sheet)) {
      for (const [column, branch] of [...goesOn].entries()) {
        if (branch === "│") note.putBehind(column, branch, "muted")
      }
      canvases.push(note)
    }
  }
  for (const tie of layout.ties) drawTie(canvases, lineOfRow, layout.rows, tie, sheet.plot)
  for (const [index, row] of layout.rows.entries()) {
    const canvas = canvases[lineOfRow[index] ?? -1]
    if (canvas !== undefined) drawFacts(canvas, sheet.plot, row)
  }
  return canvases.map((canvas) => canvas.toLine())
}

const notesAt = (layout: Layout, row: number, sheet: Sheet): ReadonlyArray<Canvas> =>
  layout.findings
    .filter((finding) => finding.row === row)
    .flatMap((finding) => findingNote(finding, sheet.plot, sheet.width, sheet.sentences))

const rowCanvas = (row: Row, tree: string, sheet: Sheet): Canvas => {
  const canvas = new Canvas(sheet.width)
  const lasted = lastedText(row, sheet.differences)
  canvas.put(0, truncate(tree, sheet.labels), "muted")
  canvas.put(columnsOf(tree), truncate(row.label, sheet.labels - columnsOf(tree)), row.kind)
  drawBar(canvas, sheet.plot, row)
  canvas.put(sheet.width - columnsOf(lasted), lasted, "plain")
  return canvas
}
