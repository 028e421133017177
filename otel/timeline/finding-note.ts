import { columnAt, type Plot } from "./bar.ts"
import { Canvas } from "./canvas.ts"
import { columnsOf, wrap } from "./columns.ts"
import type { PlacedFinding } from "./placed-finding.ts"
import type { Role } from "./segment.ts"

const sentenceIndent = 2
/** The sentence begins below the plot, or further left if it would have less room than this. */
const roomySentence = 40
/** Room of `╰─ `, which joins the name to the moment. */
const pointerRoom = 3

/** A finding as it stands below its row: a pointer at its moment, its name, and its sentence if that is wanted. */
export const findingNote = (
  finding: PlacedFinding,
  plot: Plot,
  width: number,
  withSentence: boolean,
): ReadonlyArray<Canvas> => {
  const role = finding.severity === "error" ? "finding" : "warning"
  const name = `${finding.rule} · ${finding.severity} · ${finding.confidence}`
  const column = columnAt(plot, finding.at)
  const roomiest = width - roomySentence
  const indent = Math.max(sentenceIndent, Math.min(plot.left + sentenceIndent, roomiest))
  const paragraph = (text: string, role: Role) =>
    wrap(text, width - indent).map((line) => canvasWith(width, indent, line, role))
  const pointer = pointerWith(name, column, role, width)
  return [
    ...(pointer === undefined
      ? [canvasWith(width, column, "▲", role), ...paragraph(name, role)]
      : [pointer]),
    ...(withSentence ? paragraph(finding.sentence, "plain") : []),
  ]
}

/** The name beside its moment, on the side that has room for it. */
const pointerWith = (
  name: string,
  column: number,
  role: Role,
  width: number,
): Canvas | undefined => {
  const room = columnsOf(name) + pointerRoom
  if (column + room <= width) return canvasWith(width, column, `╰─ ${name}`, role)
  if (room <= column) return canvasWith(width, column - room + 1, `${name} ─╯`, role)
  return undefined
}

const canvasWith = (width: number, column: number, text: string, role: Role): Canvas => {
  const canvas = new Canvas(width)
  canvas.put(column, text, role)
  return canvas
}
