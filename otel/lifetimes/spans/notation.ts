import { asCount, asFlag, asText, asTexts } from "../attribute-reader.ts"
import type { AttributeValue } from "../span.ts"
import { fromMillis, type Micros } from "../time.ts"

/** How a value is written in an attribute, and read back. */
export interface Notation<A> {
  /** The possible values, for the reference. */
  readonly values: string
  /** If it returns `undefined`, nothing is written. */
  readonly write: (value: A) => AttributeValue | undefined
  /** If it returns `undefined`, the attribute is invalid, and counts as `absent`. */
  readonly read: (value: AttributeValue) => A | undefined
  /** What a missing attribute means. */
  readonly absent: A
}

/** A missing attribute means this. */
export const or = <A>(notation: Notation<A | undefined>, absent: A): Notation<A> => ({
  ...notation,
  absent,
})

export const text: Notation<string | undefined> = {
  values: "text",
  write: (value) => value,
  read: asText,
  absent: undefined,
}

export const texts: Notation<ReadonlyArray<string>> = {
  values: "list of text",
  write: (value) => value,
  read: asTexts,
  absent: [],
}

/** As in the conventions for a captured header: a list, of which the first counts. */
export const firstOfList: Notation<string | undefined> = {
  values: "list of text",
  write: (value) => (value === undefined ? undefined : [value]),
  read: (value) => asTexts(value)[0],
  absent: undefined,
}

export const count: Notation<number | undefined> = {
  values: "number",
  write: (value) => value,
  read: asCount,
  absent: undefined,
}

export const countUnlessZero: Notation<number> = {
  values: "number, absent for 0",
  write: (value) => (value === 0 ? undefined : value),
  read: asCount,
  absent: 0,
}

/** A duration, kept in microseconds. */
export const millis: Notation<Micros | undefined> = {
  values: "milliseconds",
  write: (value) => (value === undefined ? undefined : value / 1000),
  read: (value) => {
    const read = asCount(value)
    return read === undefined ? undefined : fromMillis(read)
  },
  absent: undefined,
}

export const millisUnlessZero: Notation<Micros> = {
  values: "milliseconds, absent for 0",
  write: (value) => (value === 0 ? undefined : value / 1000),
  read: millis.read,
  absent: 0,
}

const onlyTrue = "`true`, or absent"

export const flag: Notation<boolean> = {
  values: onlyTrue,
  write: (value) => (value ? true : undefined),
  read: asFlag,
  absent: false,
}

/** The attribute says the opposite of the field. */
export const unless: Notation<boolean> = {
  values: onlyTrue,
  write: (value) => (value ? undefined : true),
  read: (value) => !asFlag(value),
  absent: true,
}

/** A missing attribute means: unknown. */
export const trueOrUnknown: Notation<boolean | undefined> = {
  values: onlyTrue,
  write: (value) => (value === true ? true : undefined),
  read: (value) => (asFlag(value) ? true : undefined),
  absent: undefined,
}

export const yesOrNo: Notation<boolean | undefined> = {
  values: "`true`, `false`",
  write: (value) => value,
  read: (value) => (typeof value === "boolean" ? value : undefined),
  absent: undefined,
}

/** A span id or a trace id, in lower case. */
export const id: Notation<string | undefined> = {
  values: "hex",
  write: (value) => value,
  read: (value) => asText(value)?.toLowerCase(),
  absent: undefined,
}

export const ids: Notation<ReadonlyArray<string>> = {
  values: "list of hex",
  write: (value) => value,
  read: (value) => asTexts(value).map((it) => it.toLowerCase()),
  absent: [],
}

/** One of a few words. */
export const oneOf = <A extends string>(terms: ReadonlyArray<A>): Notation<A | undefined> => {
  const known: ReadonlyMap<AttributeValue, A> = new Map(terms.map((it) => [it, it]))
  return {
    values: terms.map((it) => `\`${it}\``).join(", "),
    write: (value) => value,
    read: (value) => known.get(value),
    absent: undefined,
  }
}
