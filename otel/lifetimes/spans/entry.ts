/**
 * What a table holds besides fields that are written and read: fields that only one side has, with the reason,
 * and events whose attributes are fields of the lifetime itself.
 */
import { LINK_EXPORTED, LINK_ROLE } from "../../attributes.ts"
import type { Span, SpanLink, SpanReference } from "../span.ts"
import type { Micros } from "../time.ts"
import { always, type Draft, type Field, put, type Readable, type Row } from "./field.ts"
import type { Notation } from "./notation.ts"

/** Read only. Something else writes it: the span itself, or Effect's own tracing. */
export interface Unwritten<A> extends Readable<A> {
  readonly side: "read"
}

/** Written from a record, and never read. */
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
  /** Why nothing of it is read, if so. */
  readonly unread: string | undefined
}

export type Entry<R> = Field<unknown> | Unwritten<unknown> | Unread<R>

/** Fields for records that know `R` besides what is read. */
export type Entries<R> = {
  readonly [key: string]: Entry<R> | Event<{ readonly [key: string]: Entry<R> }>
}

/** Reads something from a span that is not a field of ours. */
export const unwritten = <A>(
  read: (span: Span) => A,
  rows: ReadonlyArray<Row> = [],
): Unwritten<A> => ({
  side: "read",
  rows,
  reading: { of: "place", read: (_, span) => read(span) },
  absent: always,
})

/** What other spans say. */
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

/** In one attribute; `why` says why nothing reads it. */
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

/** The time of its event, if the span itself has one. */
export const timeOf = <R>(value: (record: R) => Micros | undefined): Unread<R> => ({
  side: "write",
  rows: [],
  tell: (record, to) => {
    to.time = value(record)
  },
})

/** A span that is linked to. */
export interface LinkTarget {
  readonly span: SpanReference
  /** How it is related to the span with the link. */
  readonly role: string
  /** Whether it is sent, as far as that is known. */
  readonly exported: boolean
}

/**
 * A lifetime of the program is sent when it ends, and the lifetimes of an exchange are sent with the exchange.
 */
export const linkedAs = (
  role: string,
  { span, exchange, endedAt }: LinkedLifetime,
): LinkTarget => ({
  span,
  role,
  exported: exchange !== undefined || endedAt !== undefined,
})

/** What a link needs to know of the record of a lifetime. */
export interface LinkedLifetime {
  readonly span: SpanReference
  readonly exchange: object | undefined
  readonly endedAt: Micros | undefined
}

/** The spans that it links to. */
export const links = <R>(
  targets: (record: R) => ReadonlyArray<LinkTarget>,
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
  tell: (record, to) => void to.links.push(...targets(record).map(linkTo)),
})

const linkTo = ({ span, role, exported }: LinkTarget): SpanLink => ({
  traceId: span.traceId,
  spanId: span.spanId,
  attributes: { [LINK_ROLE]: role, ...(exported ? {} : { [LINK_EXPORTED]: false }) },
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
