/** What the table of every kind of span has: what it is, and from when to when. */
import { LIFETIME_KIND, LIFETIME_OPEN } from "../../attributes.ts"
import { asFlag } from "../attribute-reader.ts"
import type { Span } from "../span.ts"
import type { Micros } from "../time.ts"
import { type Field, put } from "./field.ts"
import type { Unread } from "./table.ts"

/** A span that is marked as open ends when that was written. */
export const endOf = ({ attributes, endedAt }: Span): Micros | undefined =>
  asFlag(attributes[LIFETIME_OPEN]) ? undefined : endedAt

/** The last of the attributes; all kinds have it, and so it stands in the reference once. */
export const ended: Field<Micros | undefined> = {
  side: "both",
  rows: [],
  reading: { of: "place", read: (_, span) => endOf(span) },
  absent: undefined,
  write: (value, to) => put(to, LIFETIME_OPEN, value === undefined ? true : undefined),
}

/** The first of the attributes, of spans that are ours. */
export const kindOf = <const K extends string>(kind: K): Field<K> => ({
  side: "both",
  rows: [],
  reading: undefined,
  absent: kind,
  write: (value, to) => put(to, LIFETIME_KIND, value),
})

/** The same of a span that tells of no lifetime of its own. */
export const kindOnly = (kind: string): Unread<unknown> => ({
  side: "write",
  rows: [],
  tell: (_, to) => put(to, LIFETIME_KIND, kind),
})
