import type { Micros } from "../../../otel/lifetimes/time.ts"
import { repeated } from "../repeated-text.ts"
import {
  backslash,
  carriageReturn,
  closeBrace,
  closeBracket,
  colon,
  comma,
  hexDigits,
  letters,
  nine,
  openBrace,
  openBracket,
  partsOfNumber,
  plain,
  quote,
  space,
  tab,
  zero,
} from "./marks.ts"
import { SeenTexts } from "./seen-texts.ts"

/** What is read is not JSON, or not written as exporters write it: use another reader. */
export class Uncommon extends Error {}

/** The names that fields of an object can have, as their bytes with the quotes and the colon. */
export type FieldNames = ReadonlyArray<Uint8Array>

export const fieldNames = (...names: ReadonlyArray<string>): FieldNames =>
  names.map((name) => Buffer.from(`"${name}":`))

/** A field that is not among the names. */
export const unknownField = -1
/** The object has no more fields. */
export const noField = -2

const mostDigits = 20

const texts = new SeenTexts()
/**
 * A span names its trace and its parent, and has siblings. Kept apart from other texts, because there are more
 * ids than anything else.
 */
const ids = new SeenTexts()

/**
 * One line of JSON, read from left to right without making objects that nobody keeps. A line feed follows it,
 * at which everything stops: a line cannot contain one.
 */
export class JsonBytes {
  readonly #bytes: Buffer
  #at: number

  constructor(bytes: Buffer, from: number) {
    this.#bytes = bytes
    this.#at = from
  }

  /** Where reading continues. */
  get at(): number {
    return this.#at
  }

  refuse(): never {
    throw new Uncommon()
  }

  /** The next byte that is no white space. */
  peek(): number {
    const bytes = this.#bytes
    let byte = bytes[this.#at] ?? 0
    while (byte <= space && (byte === space || byte === carriageReturn || byte === tab)) {
      this.#at += 1
      byte = bytes[this.#at] ?? 0
    }
    return byte
  }

  #take(byte: number): boolean {
    if (this.peek() !== byte) return false
    this.#at += 1
    return true
  }

  #expect(byte: number): void {
    if (!this.#take(byte)) this.refuse()
  }

  /** After an element: whether another one follows. */
  #goesOn(close: number): boolean {
    const byte = this.peek()
    this.#at += 1
    if (byte === comma) return true
    return byte === close ? false : this.refuse()
  }

  // --- lists and objects

  /** Opens a list; false if it is empty, and closed. */
  list(): boolean {
    this.#expect(openBracket)
    return !this.#take(closeBracket)
  }

  nextElement(): boolean {
    return this.#goesOn(closeBracket)
  }

  /** Opens an object and reads the name of its first field: returns its place in `names`. */
  object(names: FieldNames): number {
    this.#expect(openBrace)
    return this.#take(closeBrace) ? noField : this.#field(names, 0)
  }

  /** The next field: usually the one after the last in `names`. */
  nextField(names: FieldNames, last: number): number {
    return this.#goesOn(closeBrace) ? this.#field(names, last + 1) : noField
  }

  /** Closes an object of one field. */
  closeObject(): void {
    this.#expect(closeBrace)
  }

  /** Marks a field as seen. Of two fields with one name, JSON keeps the last. */
  once(seen: number, field: number): number {
    if (field < 0) return seen
    const bit = 1 << field
    return (seen & bit) === 0 ? seen | bit : this.refuse()
  }

  #field(names: FieldNames, likely: number): number {
    if (this.peek() !== quote) this.refuse()
    const { length } = names
    for (let tried = 0, field = likely; tried < length; tried++, field++) {
      if (field >= length) field = 0
      const name = names[field]
      if (name !== undefined && this.goesOver(name, name.length)) return field
    }
    const end = this.#plainEnd(this.#at + 1)
    // An escape may hide a known name, and so may white space before the colon.
    if (this.#bytes[end] !== quote || this.#bytes[end + 1] !== colon) this.refuse()
    this.#at = end + 2
    return unknownField
  }

  /** Skips these bytes, if they are there. */
  goesOver(expected: Uint8Array, length: number): boolean {
    const bytes = this.#bytes
    const at = this.#at
    for (let index = 0; index < length; index++) {
      if (bytes[at + index] !== expected[index]) return false
    }
    this.#at = at + length
    return true
  }

  /** Copies the bytes between there and here; returns how many there are. */
  copy(from: number, to: Buffer): number {
    return this.#bytes.copy(to, 0, from, this.#at)
  }

  #plainEnd(from: number): number {
    const bytes = this.#bytes
    let at = from
    while (plain[bytes[at] ?? 0] === 1) at += 1
    return at
  }

  // --- values

  text(): string {
    this.#expect(quote)
    const from = this.#at
    const end = this.#plainEnd(from)
    const bytes = this.#bytes
    if (bytes[end] === quote) {
      this.#at = end + 1
      return texts.find(bytes, from, end) ?? texts.keep(bytes, from, end)
    }
    this.#at = this.#endOfString(end)
    const text = this.#parsed(from - 1)
    return typeof text === "string" ? repeated(text) : this.refuse()
  }

  /** After the string that continues here. */
  #endOfString(from: number): number {
    const bytes = this.#bytes
    let at = from
    for (let byte = bytes[at] ?? 0; byte !== quote; byte = bytes[at] ?? 0) {
      if (byte < space) this.refuse()
      at += 1
      if (byte !== backslash) continue
      if ((bytes[at] ?? 0) < space) this.refuse()
      at += 1
    }
    return at + 1
  }

  /** The bytes between there and here. */
  #parsed(from: number): unknown {
    return JSON.parse(this.#bytes.toString("utf8", from, this.#at))
  }

  number(): number {
    this.peek()
    const from = this.#at
    const bytes = this.#bytes
    let at = from
    while (partsOfNumber[bytes[at] ?? 0] === 1) at += 1
    this.#at = at
    const digit = (bytes[from] ?? 0) - zero
    if (at === from + 1 && digit >= 0 && digit <= 9) return digit
    const number = this.#parsed(from)
    return typeof number === "number" ? number : this.refuse()
  }

  scalar(): string | number {
    return this.peek() === quote ? this.text() : this.number()
  }

  boolean(): boolean {
    const value = this.#word()
    return typeof value === "boolean" ? value : this.refuse()
  }

  #word(): unknown {
    this.peek()
    const from = this.#at
    const bytes = this.#bytes
    while (letters[bytes[this.#at] ?? 0] === 1) this.#at += 1
    return this.#parsed(from)
  }

  /** So many hex digits in lower case; `undefined` if there is something else. */
  id(digits: 16 | 32): string | undefined {
    if (this.peek() !== quote) return undefined
    const from = this.#at + 1
    const end = from + digits
    const bytes = this.#bytes
    if (bytes[end] !== quote) return undefined
    const known = ids.find(bytes, from, end)
    if (known === undefined) {
      for (let at = from; at < end; at++) if (hexDigits[bytes[at] ?? 0] !== 1) return undefined
    }
    this.#at = end + 1
    return known ?? ids.keep(bytes, from, end)
  }

  /**
   * Nanoseconds, written as a text of digits, as microseconds: without the last three digits it is exact.
   * `undefined` if there is something else.
   */
  micros(): Micros | undefined {
    if (this.peek() !== quote) return undefined
    const from = this.#at + 1
    const bytes = this.#bytes
    let micros = 0
    let at = from
    for (let byte = bytes[at] ?? 0; byte >= zero && byte <= nine; byte = bytes[at] ?? 0) {
      if (at - from >= 3) micros = micros * 10 + ((bytes[at - 3] ?? 0) - zero)
      at += 1
    }
    if (bytes[at] !== quote || at === from || at - from > mostDigits) return undefined
    if (!Number.isSafeInteger(micros)) return undefined
    this.#at = at + 1
    return micros
  }

  /** Skips a value of any kind. */
  skip(): void {
    const byte = this.peek()
    if (byte === quote) this.text()
    else if (byte === openBrace || byte === openBracket) this.#skipNested()
    else if (letters[byte] === 1) this.#word()
    else this.number()
  }

  #skipNested(): void {
    const bytes = this.#bytes
    const from = this.#at
    let at = from
    for (let open = 0; at === from || open > 0; ) {
      const byte = bytes[at] ?? 0
      if (byte < space && byte !== tab && byte !== carriageReturn) this.refuse()
      if (byte === openBrace || byte === openBracket) open += 1
      else if (byte === closeBrace || byte === closeBracket) open -= 1
      at = byte === quote ? this.#endOfString(at + 1) : at + 1
    }
    this.#at = at
    this.#parsed(from)
  }
}
