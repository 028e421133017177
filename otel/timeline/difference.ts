import { formatMillis } from "../lifetimes/time.ts"
import type { Panel } from "./layout.ts"
import { printable } from "./printable.ts"
import type { Row } from "./row.ts"

/** How a lifetime is unlike the same one in the drawings beside it. */
export interface Difference {
  /** `only`: there is none beside it; `unlike`: it ended otherwise there, or after another time. */
  readonly kind: "only" | "unlike"
  readonly text: string
}

/** A row that is the same everywhere has none. */
export type Differences = ReadonlyMap<Row, Difference>

/** Of drawings that nobody compares. */
export const noDifferences: Differences = new Map()

/** Two that last alike differ by chance: one has to last this many times as long, and so much longer. */
const longer = { times: 10, millis: 10 } as const

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

/** Lifetimes are the same where they are of one kind and name, and come equally late among those. */
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

/** What is to be said of the other one, where it is not like this one. */
const howUnlike = (row: Row, other: Row): string | undefined => {
  const [facts, otherFacts] = [row, other].map((it) => it.facts.join(", "))
  if (facts !== otherFacts) return otherFacts
  const [lasted, otherLasted] = [row, other].map(lastedOf)
  if (otherLasted === undefined) return lasted === undefined ? undefined : "still open"
  if (lasted === undefined || areFar(lasted, otherLasted)) {
    return `lasted ${formatMillis(otherLasted)}`
  }
  return undefined
}

const lastedOf = ({ interval: { start, end } }: Row): number | undefined =>
  end === undefined ? undefined : end - start

const areFar = (a: number, b: number): boolean => {
  const [shorter, further] = a < b ? [a, b] : [b, a]
  return further >= shorter * longer.times && further - shorter > longer.millis
}
