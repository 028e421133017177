import { lifetimeKinds } from "../lifetimes/terms.ts"
import type { Axis } from "./axis.ts"
import { innerMarks, openBefore, pens, stillOpen } from "./bar.ts"
import { Canvas } from "./canvas.ts"
import { columnsOf, truncate } from "./columns.ts"
import type { Differences } from "./difference.ts"
import type { Layout } from "./layout.ts"
import type { MarkKind } from "./row.ts"
import { ownEvents } from "./row-facts.ts"
import type { Line, Role } from "./segment.ts"
import { tieSign } from "./tie-line.ts"

interface Entry {
  readonly sign: string
  readonly meaning: string
  readonly role: Role
}

const betweenEntries = 3

/** Explains the signs that the layouts use, in as few lines as fit the width. */
export const legendFor = (
  layouts: ReadonlyArray<Layout>,
  differences: Differences,
  axis: Axis,
  width: number,
): ReadonlyArray<Line> => {
  const canvases: Array<Canvas> = []
  let column = width
  for (const { sign, meaning, role } of entriesFor(layouts, differences, axis)) {
    const signRoom = sign === "" ? 0 : columnsOf(sign) + 1
    const room = signRoom + columnsOf(meaning)
    if (column + room > width) {
      canvases.push(new Canvas(width))
      column = 0
    }
    canvases.at(-1)?.put(column, sign, role)
    canvases.at(-1)?.put(column + signRoom, truncate(meaning, width - signRoom), "muted")
    column += room + betweenEntries
  }
  return canvases.map((canvas) => canvas.toLine())
}

const entriesFor = (
  layouts: ReadonlyArray<Layout>,
  differences: Differences,
  axis: Axis,
): ReadonlyArray<Entry> => [
  ...barEntries(layouts),
  ...markEntries(layouts),
  ...differenceEntries(differences),
  ...axisEntries(layouts, axis),
]

const barEntries = (layouts: ReadonlyArray<Layout>): ReadonlyArray<Entry> => {
  const kinds = new Set(layouts.flatMap(({ rows }) => rows.map(({ kind }) => kind)))
  return lifetimeKinds
    .filter((kind) => kinds.has(kind))
    .map((kind) => ({ sign: pens[kind].line.repeat(2), meaning: kind, role: kind }))
}

const markEntries = (layouts: ReadonlyArray<Layout>): ReadonlyArray<Entry> => {
  const marks = new Set(
    layouts.flatMap(({ rows }) => rows.flatMap((row) => row.marks.map(({ kind }) => kind))),
  )
  const readers = layouts.flatMap(({ ties }) => ties.flatMap((tie) => tie.readers))
  const entry = (used: boolean, sign: string, meaning: string, role: Role = "mark") =>
    used ? [{ sign, meaning, role }] : []
  const mark = (kind: MarkKind, sign: string, meaning: string) =>
    entry(marks.has(kind), sign, meaning)
  return [
    ...mark("scope-closed", pens.scope.end, "scope closes"),
    ...entry(
      readers.some(({ cutOff }) => cutOff),
      `${tieSign} ╰`,
      "what that cuts off",
      "tie",
    ),
    ...mark("head-sent", innerMarks["head-sent"], "head sent"),
    ...mark("first-event", innerMarks["first-event"], "first event"),
    ...entry(hasOwnEvents(layouts), "own", "sent by the server itself", "client"),
    ...entry(
      layouts.some(({ open }) => open),
      stillOpen,
      "still open",
    ),
  ]
}

/** What a sign behind a duration means, for those who compare drawings. */
export const differenceSigns = { only: "+", unlike: "≠" } as const

const differenceMeanings = { only: "only here", unlike: "not like that beside it" } as const

const differenceEntries = (differences: Differences): ReadonlyArray<Entry> => {
  const used = new Set([...differences.values()].map(({ kind }) => kind))
  return (["only", "unlike"] as const)
    .filter((kind) => used.has(kind))
    .map((kind) => ({
      sign: differenceSigns[kind],
      meaning: differenceMeanings[kind],
      role: "mark",
    }))
}

/** Whether a client was sent events that nobody had published. */
export const hasOwnEvents = (layouts: ReadonlyArray<Layout>): boolean =>
  layouts.some(({ rows }) =>
    rows.some(({ kind, facts }) => kind === "client" && facts[0]?.endsWith(ownEvents) === true),
  )

const axisEntries = (layouts: ReadonlyArray<Layout>, axis: Axis): ReadonlyArray<Entry> => {
  const early = layouts.some(({ rows }) => rows.some(({ interval }) => interval.start < 0))
  const meanings = [
    ...(early ? [`${openBefore} began before the request arrived`] : []),
    ...(axis.end > 1 ? [`time: ${timeRule(axis)}`] : []),
  ]
  return meanings.map((meaning) => ({ sign: "", meaning, role: "muted" }))
}

/** How the axis counts. */
export const timeRule = ({ shape }: Axis): string => {
  if (shape === "even") return "even"
  const steps = "even up to 1 ms, then tenfold steps"
  return shape === "both ends" ? `${steps}, and the same back from the end` : steps
}
