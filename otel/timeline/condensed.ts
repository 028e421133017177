import type { Layout } from "./layout.ts"

/**
 * The layout with at most so many rows: the client and the exchange, those about which something was
 * found, what cut off what, and what encloses those come first, then the others in their order.
 */
export const condensed = (layout: Layout, most: number): Layout => {
  if (layout.rows.length <= most) return layout
  return withRows(layout, rowsToKeep(layout, most))
}

/** The layout with these rows alone: what ties them, and what was found about them, is kept with them. */
export const withRows = (layout: Layout, kept: ReadonlySet<number>): Layout => {
  const indexes = [...kept].sort((a, b) => a - b)
  const moved = new Map(indexes.map((index, position) => [index, position]))
  return {
    ...layout,
    rows: layout.rows.filter((_, index) => kept.has(index)),
    ties: layout.ties.flatMap((tie) => {
      const subscription = moved.get(tie.subscription)
      if (subscription === undefined) return []
      const scope = tie.scope === undefined ? undefined : moved.get(tie.scope)
      const readers = tie.readers.flatMap((reader) => {
        const row = moved.get(reader.row)
        return row === undefined ? [] : [{ ...reader, row }]
      })
      return [{ ...tie, subscription, scope, readers }]
    }),
    findings: layout.findings.flatMap((finding) => {
      const row = moved.get(finding.row)
      return row === undefined ? [] : [{ ...finding, row }]
    }),
    omitted: layout.omitted + layout.rows.length - indexes.length,
  }
}

const rowsToKeep = (layout: Layout, most: number): ReadonlySet<number> => {
  const kept = new Set<number>()
  const enclosing = enclosingRows(layout)
  for (const index of inOrderOfWeight(layout)) {
    const needed = [index]
    for (let outer = enclosing[index]; outer !== undefined; outer = enclosing[outer]) {
      needed.push(outer)
    }
    const missing = needed.filter((it) => !kept.has(it))
    if (kept.size + missing.length <= most) for (const it of missing) kept.add(it)
    if (kept.size === most) break
  }
  return kept
}

/** Rows may come more than once. */
const inOrderOfWeight = ({ rows, findings, ties }: Layout): ReadonlyArray<number> => [
  ...rows.flatMap(({ depth }, index) => (depth === 0 ? [index] : [])),
  ...findings.map(({ row }) => row),
  ...ties.flatMap(({ scope, subscription, readers }) => {
    const cutOff = readers.filter((reader) => reader.cutOff).map(({ row }) => row)
    return cutOff.length === 0
      ? []
      : [...(scope === undefined ? [] : [scope]), subscription, ...cutOff]
  }),
  ...rows.keys(),
]

/** For each row, the row that it lives in, if there is one. */
export const enclosingRows = ({
  rows,
}: Pick<Layout, "rows">): ReadonlyArray<number | undefined> => {
  const open: Array<number> = []
  return rows.map(({ depth }, index) => {
    open.length = Math.min(open.length, depth)
    const outer = open.at(-1)
    open[depth] = index
    return depth === 0 ? undefined : outer
  })
}
