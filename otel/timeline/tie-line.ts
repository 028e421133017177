import { columnAt, type Plot, pens } from "./bar.ts"
import type { Canvas } from "./canvas.ts"
import type { Row } from "./row.ts"
import type { Tie } from "./tie.ts"

export const tieSign = "╎"

/**
 * Draws a tie as a line that falls from the scope's close through the end of the subscription onto the
 * runs that it cut off. It passes behind what is in between.
 */
export const drawTie = (
  canvases: ReadonlyArray<Canvas>,
  lineOfRow: ReadonlyArray<number>,
  rows: ReadonlyArray<Row>,
  tie: Tie,
  plot: Plot,
): void => {
  const column = columnAt(plot, tie.at)
  if (tie.readers.some(({ cutOff }) => cutOff)) recastEnds(canvases, lineOfRow, rows, tie, plot)
  const subscription = lineOfRow[tie.subscription]
  const scope = tie.scope === undefined ? undefined : lineOfRow[tie.scope]
  if (subscription === undefined) return
  if (scope !== undefined) fall(canvases, scope, subscription, column)
  for (const reader of tie.readers) {
    const line = lineOfRow[reader.row]
    const row = rows[reader.row]
    const canvas = line === undefined ? undefined : canvases[line]
    if (!reader.cutOff || line === undefined || canvas === undefined || row === undefined) continue
    fall(canvases, subscription, line, column)
    land(canvas, plot, row, column)
  }
}

/** Shows the close and the release that cut a run off as parts of the tie. */
const recastEnds = (
  canvases: ReadonlyArray<Canvas>,
  lineOfRow: ReadonlyArray<number>,
  rows: ReadonlyArray<Row>,
  tie: Tie,
  plot: Plot,
): void => {
  for (const index of [tie.scope, tie.subscription]) {
    if (index === undefined) continue
    const edge = rows[index]?.marks.find(
      ({ kind }) => kind === "scope-closed" || kind === "released",
    )
    const canvas = canvases[lineOfRow[index] ?? -1]
    if (edge !== undefined) canvas?.recast(columnAt(plot, edge.at), "tie")
  }
}

const fall = (canvases: ReadonlyArray<Canvas>, from: number, to: number, column: number): void => {
  for (const canvas of canvases.slice(Math.min(from, to) + 1, Math.max(from, to))) {
    canvas.putBehind(column, tieSign, "tie")
  }
}

/** Where the run began later, an arrow leads to it; else the line meets its bar. */
const land = (canvas: Canvas, plot: Plot, row: Row, column: number): void => {
  const start = columnAt(plot, row.interval.start)
  if (column < start) {
    canvas.put(column, "╰", "tie")
    if (start - column > 1) canvas.put(column + 1, `${"╌".repeat(start - column - 2)}▸`, "tie")
    return
  }
  const { start: first, line, end } = pens.stream
  const joints: Readonly<Record<string, string>> = { [first]: "╘", [line]: "╧", [end]: "╛" }
  const joint = joints[canvas.at(column)]
  if (joint !== undefined) canvas.put(column, joint, "tie")
}
