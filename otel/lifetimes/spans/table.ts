/**
 * Everything that a kind of span says, each field once. The type of the lifetime, the writer of its span, the
 * reader and the reference come from here.
 */
import type * as Types from "effect/Types"
import type { Span, SpanReference } from "../span.ts"
import type { Micros } from "../time.ts"
import type { Entries, Entry, Event, Unwritten } from "./entry.ts"
import {
  type Draft,
  type Field,
  type Readable,
  type Row,
  readField,
  rowsOfEvent,
  writeEvent,
} from "./field.ts"
import { type Place, type ReadField, readerOf } from "./reading.ts"

/** The result of reading such a span. */
export type LifetimeOf<T extends { readonly read: (span: Span) => unknown }> = ReturnType<T["read"]>

type ValuesOf<E> = { readonly [K in keyof Fields<E>]: Fields<E>[K] }

type Fields<E> = FieldsIn<E> &
  Intersection<{ [K in keyof E]: E[K] extends Event<infer F> ? FieldsIn<F> : never }[keyof E]>

type FieldsIn<E> = {
  [K in keyof E as E[K] extends Readable<unknown> ? K : never]: ValueOf<E[K]>
}

type ValueOf<E> = E extends Field<infer A> ? A : E extends Unwritten<infer A> ? A : never

/** From a union, the type with everything of all its members. */
type Intersection<U> = (U extends unknown ? (member: U) => void : never) extends (
  all: infer I,
) => void
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

/** What the span itself is, and when it began. */
export interface SpanStart {
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

/** The table of a kind of span, written from records that know `R` besides what is read. */
export const spanTable =
  <R extends object = object>() =>
  <const E extends Entries<R>>(
    title: string,
    says: string,
    entries: E,
  ): SpanTable<SpanStart & ValuesOf<E>, ValuesOf<E> & R> => {
    const all = partsOf<Partial<R>>(entries)
    const read = readerOf<Types.Mutable<SpanStart> & ValuesOf<E>>([
      ...interval,
      ...all.flatMap(({ fields }) => fields),
    ])
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
  /** The part of it that is read. */
  readonly fields: ReadonlyArray<ReadField>
  readonly write: (record: R, values: Values, to: Draft, span: SpanReference) => void
}

/** A record whose fields are read by name. */
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
