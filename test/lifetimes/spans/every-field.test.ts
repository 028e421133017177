import { deepStrictEqual, notDeepStrictEqual, ok } from "node:assert"
import { isDeepStrictEqual } from "node:util"
import { describe, it } from "@effect/vitest"
import type { Attributes, Span } from "../../../otel/lifetimes/span.ts"
import { exchangeNotes } from "../../../otel/lifetimes/spans/exchange.ts"
import type { Row } from "../../../otel/lifetimes/spans/field.ts"
import { tables } from "../../../otel/lifetimes/spans/tables.ts"
import { addedToServerSpan, samples } from "./samples.ts"

/** Where something stands in a span. */
interface Place {
  readonly name: string
  readonly row: Row
  /** The same span without it: as if its writer were left out, and to its reader as if that were. */
  readonly without: (span: Span) => Span
}

const lacking = (attributes: Attributes, name: string): Attributes => {
  const isIt = (key: string) =>
    name.endsWith("*") ? key.startsWith(name.slice(0, -1)) : key === name
  return Object.fromEntries(Object.entries(attributes).filter(([key]) => !isIt(key)))
}

/** All places that the reference names. */
const placesOf = (rows: ReadonlyArray<Row>): ReadonlyArray<Place> => {
  let event = ""
  return rows.map((row): Place => {
    if (row.stands === "event") event = row.name
    return placeOf(row, event)
  })
}

const placeOf = (row: Row, event: string): Place => {
  const { stands, name } = row
  switch (stands) {
    case "attribute":
      return {
        name,
        row,
        without: (span) => ({ ...span, attributes: lacking(span.attributes, name) }),
      }
    case "event":
      return {
        name: `event ${name}`,
        row,
        without: (span) => ({ ...span, events: span.events.filter((it) => it.name !== name) }),
      }
    case "attribute of the event":
      return {
        name: `${name} of ${event}`,
        row,
        without: (span) => ({
          ...span,
          events: span.events.map((it) =>
            it.name === event ? { ...it, attributes: lacking(it.attributes, name) } : it,
          ),
        }),
      }
    case "links":
      return { name: stands, row, without: (span) => ({ ...span, links: [] }) }
  }
}

/** The same for every span of the kind, or told by other spans. */
const toldElsewhere = new Set([
  "kind",
  "span",
  "startedAt",
  ...["handler", "scopes", "subscriptions", "queues", "streams", "orphans", "finalizers", "client"],
])

it("there is a sample of every table", () => {
  deepStrictEqual(new Set(samples.map(({ table }) => table)), new Set(tables))
})

describe.each(samples.map((sample) => ({ ...sample, title: sample.table.title })))(
  "the span of a $title",
  ({ table, record, span, others }) => {
    const all = [span, ...others]

    it("is read back as it was written", () => {
      const read = table.read(span)
      const expected = { ...record, span: read.span, startedAt: read.startedAt }
      deepStrictEqual(
        read,
        Object.fromEntries(Object.keys(read).map((key) => [key, Reflect.get(expected, key)])),
      )
    })

    it("says something in every field", () => {
      const bare = { ...span, name: "", parentSpanId: undefined, attributes: {}, events: [] }
      const nothing = table.read({ ...bare, resource: {} })
      for (const key of Object.keys(nothing).filter((it) => !toldElsewhere.has(it))) {
        const says = (of: Span) =>
          !isDeepStrictEqual(Reflect.get(table.read(of), key), Reflect.get(nothing, key))
        ok(all.some(says), key)
      }
    })

    it.each(placesOf(table.rows))("is another without $name", ({ row, without }) => {
      const written = all.filter((it) => !isDeepStrictEqual(it, without(it)))
      ok(written.length > 0, "nobody writes it")
      const isRead = written.some(
        (it) => !isDeepStrictEqual(table.read(it), table.read(without(it))),
      )
      deepStrictEqual(isRead, row.unread === undefined)
    })
  },
)

describe("what we add to the span that Effect makes", () => {
  const added = addedToServerSpan("GET /event")

  it.each(placesOf(exchangeNotes.rows))("has $name", ({ without }) => {
    notDeepStrictEqual(added, without(added))
  })

  it("has the name of what its method and path do not name", () => {
    const names = ["GET /event", "RPC ticks"].map(
      (route) => addedToServerSpan(route).attributes["exchange.name"],
    )
    deepStrictEqual(names, [undefined, "RPC ticks"])
  })
})
