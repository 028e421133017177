/**
 * A field of a lifetime, and its place in a span. It has a writer, a reader and a line of the reference: a
 * field without one of these does not compile.
 */
import type { AttributeValue, Span, SpanEvent, SpanLink, SpanReference } from "../span.ts"
import type { Micros } from "../time.ts"
import { type Notation, text } from "./notation.ts"
import { type Place, type ReadField, type Reading, readerOf } from "./reading.ts"

/** The target of writing: a span, or one of its events. */
export interface Draft {
  readonly attributes: { [name: string]: AttributeValue }
  readonly events: Array<SpanEvent>
  readonly links: Array<SpanLink>
  /** Why the span's status is an error. */
  error: string | undefined
  /** For an event: without this attribute, the event has not happened. */
  time: Micros | undefined
}

/** One line of the reference. */
export interface Row {
  readonly stands: "attribute" | "event" | "attribute of the event" | "links"
  readonly name: string
  readonly values: string
  readonly says: string
  /** Why the table does not read it, if so. */
  readonly unread?: string | undefined
  /** Who writes it, if we do not. */
  readonly writtenBy?: string | undefined
}

/** It is always there, and needs no default. */
export const always: unique symbol = Symbol("always")

export interface Readable<A> {
  readonly rows: ReadonlyArray<Row>
  /** The event that contains it, if the field adds one. */
  readonly event?: string | undefined
  /** `undefined`: the field then always has the value of `absent`. */
  readonly reading: Reading<A> | undefined
  /** What its absence means, if it can be missing. */
  readonly absent: A | typeof always
  /** What the span itself says then. */
  readonly otherwise?: (span: Span) => A
}

/** It writes with a method, so that fields of all types fit into one table. */
export interface Field<A> extends Readable<A> {
  readonly side: "both"
  write(value: A, to: Draft, span: SpanReference): void
}

/** Its value if it is there. */
export type PresentIn<F> = F extends Field<infer A> ? NonNullable<A> : never

/** In one attribute. */
export const attribute = <A>(name: string, notation: Notation<A>, says: string): Field<A> => ({
  side: "both",
  rows: [{ stands: "attribute", name, values: notation.values, says }],
  reading: { of: "attribute", attribute: name, read: notation.read },
  absent: notation.absent,
  write: (value, to) => {
    if (value !== undefined) put(to, name, notation.write(value))
  },
})

export const put = (to: Draft, name: string, value: AttributeValue | undefined): void => {
  if (value !== undefined) to.attributes[name] = value
}

/** The same. If it is missing, the span itself says it. */
export const attributeOr = <A>(
  name: string,
  notation: Notation<A | undefined>,
  otherwise: (span: Span) => A,
  says: string,
): Field<A> => ({ ...attribute(name, notation, says), absent: always, otherwise })

export const nameIn = (name: string, says: string): Field<string> =>
  attributeOr(name, text, (span) => span.name, says)

/** The time of the event that contains it. */
export const time: Field<Micros> = {
  side: "both",
  rows: [],
  reading: { of: "place", read: (place) => place.time },
  absent: always,
  write: (value, to) => {
    to.time = value
  },
}

/** The time of an event without attributes. */
export const moment = (name: string, says: string): Field<Micros | undefined> => ({
  side: "both",
  rows: [{ stands: "event", name, values: "", says }],
  event: name,
  reading: time.reading,
  absent: undefined,
  write: (value, to) => {
    if (value !== undefined) to.events.push({ name, time: value, attributes: {} })
  },
})

/** If this part is missing, the whole is missing. */
export interface NeededField<A> {
  readonly side: "needed"
  readonly field: Field<A | undefined>
}

export const needed = <A>(field: Field<A | undefined>): NeededField<A> => ({
  side: "needed",
  field,
})

type Parts<A> = { readonly [K in keyof A]: Field<A[K]> | NeededField<A[K]> }

/** A value of several parts. */
export const struct = <A>(parts: { readonly [K in keyof A]: Field<A[K]> }): Field<Readonly<A>> => {
  const { rows, read, write } = wholeOf<A>(parts)
  return { side: "both", rows, reading: { of: "place", read }, absent: always, write }
}

/** The same; `undefined` if a required part is missing. */
export const optional = <A>(parts: Parts<A>): Field<Readonly<A> | undefined> => {
  const { rows, needs, isWhole, read, write } = wholeOf(parts)
  return {
    side: "both",
    rows,
    reading: {
      of: "place",
      needs,
      read: (place, span) => {
        for (const name of needs) if (place.attributes[name] === undefined) return undefined
        const value = read(place, span)
        return isWhole(value) ? value : undefined
      },
    },
    absent: undefined,
    write: (value, to, span) => {
      if (value !== undefined) write(value, to, span)
    },
  }
}

/** The same for an event: its time and its attributes. */
export const happening = <A>(
  name: string,
  says: string,
  parts: Parts<A>,
): Field<Readonly<A> | undefined> => {
  const { rows, reading, write } = optional(parts)
  return {
    side: "both",
    rows: rowsOfEvent(name, says, rows),
    event: name,
    reading,
    absent: undefined,
    write: (value, to, span) => writeEvent(name, to, (event) => write(value, event, span)),
  }
}

export const rowsOfEvent = (
  name: string,
  says: string,
  rows: ReadonlyArray<Row>,
  unread?: string,
): ReadonlyArray<Row> => [
  { stands: "event", name, values: "", says, unread },
  ...rows.map((row): Row => ({ ...row, stands: "attribute of the event" })),
]

/** Writes an event, if it has happened. */
export const writeEvent = (name: string, to: Draft, write: (event: Draft) => void): void => {
  const event: Draft = { ...to, attributes: {}, time: undefined }
  write(event)
  const { time: at, attributes } = event
  if (at !== undefined) to.events.push({ name, time: at, attributes })
}

/** How to read the field that a table or a value of several parts has under this key. */
export const readField = (
  key: string,
  { event, reading, absent, otherwise }: Readable<unknown>,
): ReadField => ({
  key,
  event,
  reading,
  absent: absent === always ? undefined : absent,
  otherwise,
})

interface Whole<A> {
  readonly rows: ReadonlyArray<Row>
  /** The attributes without which it is missing. */
  readonly needs: ReadonlyArray<string>
  readonly isWhole: (value: A) => boolean
  readonly read: (place: Place, span: Span) => A
  readonly write: (value: A, to: Draft, span: SpanReference) => void
}

const wholeOf = <A>(parts: Parts<A>): Whole<A> => {
  const all: Array<Part<A>> = []
  for (const key in parts) all.push(partOf(key, parts[key]))
  const needed = all.filter(({ isNeeded }) => isNeeded)
  return {
    rows: all.flatMap(({ rows }) => rows),
    needs: needed.flatMap(({ read }) => attributesNeeded(read.reading)),
    isWhole: (value) => needed.every(({ isIn }) => isIn(value)),
    read: readerOf(all.map(({ read }) => read)),
    write: (value, to, span) => {
      for (const part of all) part.write(value, to, span)
    },
  }
}

const attributesNeeded = (reading: Reading<unknown> | undefined): ReadonlyArray<string> =>
  reading?.of === "attribute" ? [reading.attribute] : (reading?.needs ?? [])

interface Part<A> {
  readonly rows: ReadonlyArray<Row>
  readonly read: ReadField
  readonly isNeeded: boolean
  readonly isIn: (value: A) => boolean
  readonly write: (value: A, to: Draft, span: SpanReference) => void
}

const partOf = <A, K extends keyof A & string>(
  key: K,
  part: Field<A[K]> | NeededField<A[K]>,
): Part<A> => {
  const isNeeded = part.side === "needed"
  const field: Field<A[K] | undefined> = isNeeded ? part.field : part
  return {
    rows: field.rows,
    read: readField(key, field),
    isNeeded,
    isIn: (value) => value[key] !== undefined,
    write: (value, to, span) => field.write(value[key], to, span),
  }
}
