/**
 * All that a kind of span says, each field once. The type of the lifetime, the writer of its span, the
 * reader and the reference come from here.
 */
import type { Span, SpanReference } from "../span.ts"
import type { Micros } from "../time.ts"
import {
  always,
  type Draft,
  type Field,
  put,
  type Readable,
  type Row,
  readField,
  rowsOfEvent,
  writeEvent,
} from "./field.ts"
import type { Notation } from "./notation.ts"
import { type Place, type ReadField, readerOf } from "./reading.ts"

/** Read, and written by somebody else: with the span itself, or by Effect's own tracing. */
export interface Unwritten<A> extends Readable<A> {
  readonly side: "read"
}

/** Written of a record, and not read back. */
export interface Unread<R> {
  readonly side: "write"
  readonly rows: ReadonlyArray<Row>
  tell(record: R, to: Draft, span: SpanReference): void
}

/** An event whose time and attributes are fields of the lifetime itself. */
export interface Event<E> {
  readonly side: "event"
  readonly name: string
  readonly says: string
  readonly entries: E
  /** Where nothing of it is read back: why. */
  readonly unread: string | undefined
}

type Entry<R> = Field<unknown> | Unwritten<unknown> | Unread<R>

/** Of records that know `R` besides what is read back. */
type Entries<R> = {
  readonly [key: string]: Entry<R> | Event<{ readonly [key: string]: Entry<R> }>
}

/** What is read of such a span. */
export type LifetimeOf<T extends { readonly read: (span: Span) => unknown }> = ReturnType<T["read"]>

type Read<E> = { readonly [K in keyof Fields<E>]: Fields<E>[K] }

type Fields<E> = FieldsIn<E> &
  Meet<{ [K in keyof E]: E[K] extends Event<infer F> ? FieldsIn<F> : never }[keyof E]>

type FieldsIn<E> = {
  [K in keyof E as E[K] extends Readable<unknown> ? K : never]: ValueOf<E[K]>
}

type ValueOf<E> = E extends Field<infer A> ? A : E extends Unwritten<infer A> ? A : never

/** Of a union, what has everything of all of its members. */
type Meet<U> = (U extends unknown ? (member: U) => void : never) extends (all: infer I) => void
  ? I
  : never

export interface SpanTable<A, R> {
  /** The span, as the reference calls it. */
  readonly title: string
  readonly says: string
  readonly rows: ReadonlyArray<Row>
  /** Reads a span, or what an event of it says. */
  readonly read: (span: Span, from?: Place) => A
  readonly write: (record: R, span: SpanReference) => Draft
  /** Writes what is known. */
  readonly writePart: (known: Partial<R>, span: SpanReference) => Draft
}

/** Reads, of a span, what is not written in a field of ours. */
export const unwritten = <A>(
  read: (span: Span) => A,
  rows: ReadonlyArray<Row> = [],
): Unwritten<A> => ({
  side: "read",
  rows,
  reading: { of: "place", read: (_, span) => read(span) },
  absent: always,
})

/** What other spans tell. */
export const ofOtherSpans = <A>(absent: A): Unwritten<A> => ({
  side: "read",
  rows: [],
  reading: undefined,
  absent,
})

/** A field that somebody else writes. */
export const byOthers = <A>(
  { write: _, rows, ...field }: Field<A>,
  writtenBy: string,
): Unwritten<A> => ({
  ...field,
  side: "read",
  rows: rows.map((row) => ({ ...row, writtenBy })),
})

/** In one attribute; `why` nothing reads it back. */
export const unread = <R, A>(
  name: string,
  notation: Notation<A>,
  value: (record: R) => A,
  says: string,
  why: string,
): Unread<R> => ({
  side: "write",
  rows: [
    {
      stands: "attribute",
      name,
      values: notation.values,
      says,
      unread: why,
    },
  ],
  tell: (record, to) => put(to, name, notation.write(value(record))),
})

/** The time of the event in which it stands, where the span itself says that. */
export const timeOf = <R>(value: (record: R) => Micros | undefined): Unread<R> => ({
  side: "write",
  rows: [],
  tell: (record, to) => {
    to.time = value(record)
  },
})

/** The spans that it links to. */
export const links = <R>(
  targets: (record: R) => ReadonlyArray<SpanReference>,
  says: string,
  unread: string,
): Unread<R> => ({
  side: "write",
  rows: [
    {
      stands: "links",
      name: "",
      values: "",
      says,
      unread,
    },
  ],
  tell: (record, to) => void to.links.push(...targets(record)),
})

export const event = <const E>(
  name: string,
  says: string,
  entries: E,
  unread?: string,
): Event<E> => ({
  side: "event",
  name,
  says,
  entries,
  unread,
})

/** What the span itself is, and when it began. */
interface Begun {
  readonly span: SpanReference
  readonly startedAt: Micros
}

const interval = ["span", "startedAt"].map(
  (key): ReadField => ({
    key,
    event: undefined,
    reading: undefined,
    absent: undefined,
    otherwise: undefined,
  }),
)

/** The table of a kind of span, written of records that know `R` besides what is read back. */
export const spanTable =
  <R extends object = object>() =>
  <const E extends Entries<R>>(
    title: string,
    says: string,
    entries: E,
  ): SpanTable<Begun & Read<E>, Read<E> & R> => {
    const all = partsOf<Partial<R>>(entries)
    const read = readerOf([...interval, ...all.flatMap(({ fields }) => fields)])
    const write = (known: Partial<R>, span: SpanReference): Draft => {
      const to: Draft = { attributes: {}, events: [], links: [], error: undefined, time: undefined }
      for (const part of all) part.write(known, known, to, span)
      return to
    }
    return {
      title,
      says,
      rows: all.flatMap(({ rows }) => rows),
      read: (span, place = span) => {
        const found = read(place, span)
        found.span = { traceId: span.traceId, spanId: span.spanId }
        found.startedAt = span.startedAt
        return found
      },
      write,
      writePart: write,
    }
  }

interface Part<R> {
  readonly rows: ReadonlyArray<Row>
  /** What of it is read. */
  readonly fields: ReadonlyArray<ReadField>
  readonly write: (record: R, values: Values, to: Draft, span: SpanReference) => void
}

/** A record, as far as its fields are looked up by their names. */
type Values = { readonly [key: string]: unknown }

const partsOf = <R extends object>(entries: Entries<R>): ReadonlyArray<Part<R>> =>
  Object.entries(entries).map(([key, entry]) =>
    entry.side === "event" ? eventPart(entry) : partOf(key, entry),
  )

const partOf = <R extends object>(key: string, entry: Entry<R>): Part<R> => {
  const { rows } = entry
  switch (entry.side) {
    case "write":
      return { rows, fields: [], write: (record, _, to, span) => entry.tell(record, to, span) }
    case "read":
      return { rows, fields: [readField(key, entry)], write: () => {} }
    case "both":
      return {
        rows,
        fields: [readField(key, entry)],
        write: (_, values, to, span) => entry.write(values[key], to, span),
      }
  }
}

const eventPart = <R extends object>(of: Event<Entries<R>>): Part<R> => {
  const { name, says, entries, unread } = of
  const all = partsOf(entries)
  return {
    rows: rowsOfEvent(
      name,
      says,
      all.flatMap(({ rows }) => rows),
      unread,
    ),
    fields: all.flatMap(({ fields }) => fields.map((field) => ({ ...field, event: name }))),
    write: (record, values, to, span) =>
      writeEvent(name, to, (event) => {
        for (const part of all) part.write(record, values, event, span)
      }),
  }
}
