import type { Row } from "../otel/lifetimes/spans/field.ts"
import { tables } from "../otel/lifetimes/spans/tables.ts"
import { table } from "./markdown.ts"

interface Described {
  readonly title: string
  readonly says: string
  readonly rows: ReadonlyArray<Row>
}

/** Every attribute and event of every kind of span, from the tables that write and read them. */
export const spanReference = (): string =>
  [
    "# Attributes and events of spans",
    "",
    "Made from [`otel/lifetimes/spans`](../otel/lifetimes/spans): `npm run docs`. How the spans hang together is",
    "in [Your own program](library.md#spans).",
    "",
    ...tables.flatMap(section),
  ].join("\n")

const section = (of: Described): ReadonlyArray<string> => [
  `## ${of.title}`,
  "",
  of.says,
  "",
  table([["attribute or event", "value", "meaning"], ...rowsOf(of).map(cellsOf)]),
  "",
]

/** If two fields use one attribute, the first one says what it means. */
const rowsOf = ({ rows }: Described): ReadonlyArray<Row> => {
  const told = new Set<string>()
  let event = ""
  return rows.filter(({ stands, name }) => {
    if (stands === "event") event = name
    const key = `${stands} ${stands === "attribute of the event" ? event : ""} ${name}`
    return !told.has(key) && told.add(key)
  })
}

const cellsOf = (row: Row): ReadonlyArray<string> => [placeOf(row), row.values, meaningOf(row)]

const placeOf = ({ stands, name }: Row): string => {
  switch (stands) {
    case "attribute":
      return `\`${name}\``
    case "event":
      return `event \`${name}\``
    case "attribute of the event":
      return `└ \`${name}\``
    case "links":
      return "links"
  }
}

const meaningOf = ({ says, unread, writtenBy }: Row): string =>
  says +
  (unread === undefined ? "" : ` Not read back: ${unread}.`) +
  (writtenBy === undefined ? "" : ` Written by ${writtenBy}.`)
