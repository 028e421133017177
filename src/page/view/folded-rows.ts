import { enclosingRows, withRows } from "../../../otel/timeline/condensed.ts"
import type { Layout } from "../../../otel/timeline/layout.ts"
import type { Row } from "../../../otel/timeline/row.ts"
import { rangeText } from "./clock.ts"

/** Fewer rows are read faster one by one. */
const fewest = 5

export interface Fold {
  readonly key: string
  readonly count: number
  readonly unfolded: boolean
}

export interface FoldedLayout {
  readonly layout: Layout
  /** By the span id of the row that stands for all of its kind and name, or is the first of them. */
  readonly folds: ReadonlyMap<string, Fold>
}

/**
 * The layout with ended siblings of one kind and name as one row, if nothing was found about any of them or
 * about what is in them.
 */
export const folded = (layout: Layout, unfolded: ReadonlySet<string>): FoldedLayout => {
  const { rows } = layout
  const outer = enclosingRows(layout)
  const telling = tellingRows(layout, outer)
  const groups = Map.groupBy(rows.keys(), (index) => {
    const row = rows[index]
    return row === undefined || telling.has(index)
      ? ""
      : `${rows[outer[index] ?? -1]?.spanId ?? ""} ${row.kind} ${row.label}`
  })
  const folds = new Map<string, Fold>()
  const merged = new Map<number, Row>()
  const hidden = new Set<number>()
  for (const [key, members] of groups) {
    const [first] = members
    const row = first === undefined ? undefined : rows[first]
    if (key === "" || first === undefined || row === undefined || members.length < fewest) continue
    const open = unfolded.has(key)
    folds.set(row.spanId, { key, count: members.length, unfolded: open })
    if (open) continue
    merged.set(
      first,
      mergedRow(
        row,
        members.flatMap((index) => rows[index] ?? []),
      ),
    )
    for (const index of members.slice(1)) hidden.add(index)
  }
  if (merged.size === 0) return { layout, folds }
  const kept = new Set<number>()
  for (const index of rows.keys()) {
    const parent = outer[index]
    const inside = parent !== undefined && (hidden.has(parent) || merged.has(parent))
    if (inside) hidden.add(index)
    if (!hidden.has(index)) kept.add(index)
  }
  const shown = { ...layout, rows: rows.map((row, index) => merged.get(index) ?? row) }
  return { layout: { ...withRows(shown, kept), omitted: layout.omitted }, folds }
}

/** Rows that are not folded: still open, found, cut off, or around such a row. */
const tellingRows = (
  { rows, findings, ties }: Layout,
  outer: ReadonlyArray<number | undefined>,
): ReadonlySet<number> => {
  const telling = new Set<number>()
  const tell = (index: number) => {
    for (let at: number | undefined = index; at !== undefined && !telling.has(at); at = outer[at]) {
      telling.add(at)
    }
  }
  for (const { row } of findings) tell(row)
  for (const { readers, subscription, scope } of ties) {
    const cutOff = readers.filter((reader) => reader.cutOff)
    for (const { row } of cutOff) tell(row)
    if (cutOff.length > 0)
      for (const index of [subscription, scope]) if (index !== undefined) tell(index)
  }
  for (const [index, { depth, interval }] of rows.entries()) {
    if (depth === 0 || interval.end === undefined) tell(index)
  }
  return telling
}

const mergedRow = (first: Row, rows: ReadonlyArray<Row>): Row => {
  const times = rows.map(({ interval: { start, end = start } }) => end - start)
  return {
    ...first,
    label: `${first.label} ×${rows.length}`,
    interval: {
      start: Math.min(...rows.map(({ interval }) => interval.start)),
      end: Math.max(...rows.map(({ interval }) => interval.end ?? interval.start)),
    },
    marks: [],
    facts: [`${rangeText(times)} each`],
    details: [],
  }
}
