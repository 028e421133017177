/** What the tables of all kinds of span share: what it is, and from when to when. */
import { LIFETIME_KIND, LIFETIME_OPEN } from "../../attributes.ts"
import { asFlag } from "../attribute-reader.ts"
import type { Span } from "../span.ts"
import type { Micros } from "../time.ts"
import type { Unread } from "./entry.ts"
import { type Field, put, type Row } from "./field.ts"

/** A span that is marked as open ends when the mark was written. */
export const endOf = ({ attributes, endedAt }: Span): Micros | undefined =>
  asFlag(attributes[LIFETIME_OPEN]) ? undefined : endedAt

/** The last of the attributes. */
export const ended: Field<Micros | undefined> = {
  side: "both",
  rows: [
    {
      stands: "attribute",
      name: LIFETIME_OPEN,
      values: "`true`, or absent",
      says: "It was still open when the program stopped; its end is that moment.",
    },
  ],
  reading: { of: "place", read: (_, span) => endOf(span) },
  absent: undefined,
  write: (value, to) => put(to, LIFETIME_OPEN, value === undefined ? true : undefined),
}

const kindRows = (kind: string): ReadonlyArray<Row> => [
  {
    stands: "attribute",
    name: LIFETIME_KIND,
    values: `\`${kind}\``,
    says: "What the span is.",
    unread: "it tells which table reads the span",
  },
]

/** The first of the attributes, for spans that are ours. */
export const kindOf = <const K extends string>(kind: K): Field<K> => ({
  side: "both",
  rows: kindRows(kind),
  reading: undefined,
  absent: kind,
  write: (value, to) => put(to, LIFETIME_KIND, value),
})

/** The same for a span that is not about its own lifetime. */
export const kindOnly = (kind: string): Unread<unknown> => ({
  side: "write",
  rows: kindRows(kind),
  tell: (_, to) => put(to, LIFETIME_KIND, kind),
})
