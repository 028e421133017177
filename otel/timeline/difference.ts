import type { Panel } from "./layout.ts"
import { printable } from "./printable.ts"
import type { Row } from "./row.ts"

/** How a lifetime differs from the same one in the drawings beside it: in structure or in outcome. */
export interface Difference {
  /** `only`: the other drawing has none; `unlike`: it ended differently there. */
  readonly kind: "only" | "unlike"
  readonly text: string
}

/** A row that is the same everywhere has none. */
export type Differences = ReadonlyMap<Row, Difference>

/** Of drawings that nobody compares. */
export const noDifferences: Differences = new Map()

/** What differs between drawings of the same thing. */
export const differencesOf = (panels: ReadonlyArray<Panel>): Differences => {
  const named = panels.map(({ title, layout: { rows } }) => ({ title, rows: byName(rows) }))
  const found = new Map<Row, Difference>()
  for (const { rows } of named) {
    const others = named.filter((other) => other.rows !== rows)
    for (const [name, row] of rows) {
      const difference = differenceOf(row, name, others)
      if (difference !== undefined) found.set(row, difference)
    }
  }
  return found
}

interface NamedRows {
  readonly title: string
  readonly rows: ReadonlyMap<string, Row>
}

/** Two lifetimes are the same if they have the same kind and name, and the same position among those. */
const byName = (rows: ReadonlyArray<Row>): ReadonlyMap<string, Row> => {
  const counts = new Map<string, number>()
  return new Map(
    rows.map((row) => {
      const { kind, label } = row
      const name = kind === "exchange" || kind === "client" ? kind : `${kind} ${label}`
      const count = (counts.get(name) ?? 0) + 1
      counts.set(name, count)
      return [`${name} ${count}`, row]
    }),
  )
}

const differenceOf = (
  row: Row,
  name: string,
  others: ReadonlyArray<NamedRows>,
): Difference | undefined => {
  if (others.length > 0 && others.every(({ rows }) => !rows.has(name))) {
    return { kind: "only", text: "only here" }
  }
  const unlike = others.flatMap(({ title, rows }) => {
    const other = rows.get(name)
    const how = other === undefined ? "there is none" : howUnlike(row, other)
    return how === undefined ? [] : [`in ${printable(title, 100)}: ${how}`]
  })
  return unlike.length === 0 ? undefined : { kind: "unlike", text: unlike.join("; ") }
}

/**
 * What is said about the other one, if it is there and ended differently. Durations and counts are chance, and
 * in each drawing.
 */
const howUnlike = (row: Row, other: Row): string | undefined => {
  if (row.outcome !== other.outcome) return other.facts.join(", ")
  const isOpen = row.interval.end === undefined
  if (isOpen === (other.interval.end === undefined)) return undefined
  return isOpen ? "ended" : "still open"
}
