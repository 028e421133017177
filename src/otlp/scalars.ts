import { fromNanos, type Micros } from "../../otel/lifetimes/time.ts"
import { RepeatedText } from "./repeated-text.ts"

/** How the two encodings of OTLP write anything beyond strings. `undefined`: the value is something else. */
export interface Scalars {
  /** An id of so many hex digits, in lower case; the empty string if there is none. */
  readonly id: (value: unknown, digits: 16 | 32) => string | undefined
  /** Nanoseconds since the epoch. */
  readonly time: (value: unknown) => Micros | undefined
  readonly integer: (value: unknown) => number | undefined
  readonly double: (value: unknown) => number | undefined
  /** Bytes, as base64. */
  readonly bytes: (value: unknown) => string | undefined
}

const signed = /^-?[0-9]{1,19}$/
const decimal = /^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$/
const largestInt64 = 2 ** 63

const safe = (micros: number): Micros | undefined =>
  micros >= 0 && Number.isSafeInteger(micros) ? micros : undefined

const zero = 0x30
const mostDigits = 20

/** Reading digits is far cheaper than a bigint, and exact without the last three. */
const microsOfDigits = (nanos: string): Micros | undefined => {
  const { length } = nanos
  if (length === 0 || length > mostDigits) return undefined
  let micros = 0
  for (let at = 0; at < length; at++) {
    const digit = nanos.charCodeAt(at) - zero
    if (digit < 0 || digit > 9) return undefined
    if (at < length - 3) micros = micros * 10 + digit
  }
  return safe(micros)
}

/** Most ids are in lower case already, and stay the string they are. */
const lowerCaseHex = (text: string): string | undefined => {
  let lower = true
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code >= 0x30 && code <= 0x39) continue
    if (code >= 0x61 && code <= 0x66) continue
    if (code < 0x41 || code > 0x46) return undefined
    lower = false
  }
  return lower ? text : text.toLowerCase()
}

const int64 = (value: number): number | undefined =>
  Number.isInteger(value) && Math.abs(value) <= largestInt64 ? value : undefined

const namedDouble = (text: string): number | undefined => {
  if (text === "NaN" || text === "Infinity" || text === "-Infinity") return Number(text)
  return decimal.test(text) ? Number(text) : undefined
}

/** A span names its trace and its parent, and has siblings. */
const ids = new RepeatedText()

/**
 * Protobuf's own JSON, which some stores write, has ids in base64: their length distinguishes them from hex.
 */
const hexOfBase64 = (text: string, digits: 16 | 32): string | undefined => {
  const bytes = digits / 2
  if (text.length !== Math.ceil(bytes / 3) * 4 || !base64.test(text)) return undefined
  const hex = Buffer.from(text, "base64").toString("hex")
  return hex.length === digits ? hex : undefined
}

const base64 = /^[A-Za-z0-9+/]+={0,2}$/

/** JSON has ids in hex, 64-bit integers as strings or numbers, bytes in base64. */
export const jsonScalars: Scalars = {
  id: (value, digits) => {
    if (value === undefined || value === null || value === "") return ""
    if (typeof value !== "string") return undefined
    if (value.length !== digits) return hexOfBase64(value, digits)
    const known = ids.find(value)
    if (known !== undefined) return known
    const id = lowerCaseHex(value)
    return id === undefined ? undefined : ids.keep(id)
  },
  time: (value) => {
    if (typeof value === "string") return microsOfDigits(value)
    if (typeof value !== "number" || !Number.isInteger(value) || value < 0) return undefined
    return safe(fromNanos(BigInt(value)))
  },
  integer: (value) => {
    if (typeof value === "string") return signed.test(value) ? int64(Number(value)) : undefined
    return typeof value === "number" ? int64(value) : undefined
  },
  double: (value) => {
    if (typeof value === "number") return value
    return typeof value === "string" ? namedDouble(value) : undefined
  },
  bytes: (value) => (typeof value === "string" ? value : undefined),
}

/** protobufjs represents a 64-bit integer as two halves of 32 bits, each written as signed. */
interface Halves {
  readonly low: number
  readonly high: number
}

const isHalves = (value: unknown): value is Halves =>
  typeof value === "object" &&
  value !== null &&
  "low" in value &&
  typeof value.low === "number" &&
  "high" in value &&
  typeof value.high === "number"

/** 2^32 is 4294967 thousands and 296, so no step leaves the range that a double holds exactly. */
const microsOfHalves = ({ low, high }: Halves): Micros | undefined => {
  const upper = high >>> 0
  return safe(upper * 4_294_967 + Math.floor((upper * 296 + (low >>> 0)) / 1000))
}

const bufferOf = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** The values of messages that protobufjs decoded: ids and bytes as bytes. */
export const protobufScalars: Scalars = {
  id: (value, digits) => {
    if (!(value instanceof Uint8Array) || value.length === 0) return ""
    return value.length * 2 === digits ? bufferOf(value).toString("hex") : undefined
  },
  time: (value) => (isHalves(value) ? microsOfHalves(value) : undefined),
  integer: (value) =>
    isHalves(value) ? value.high * 4_294_967_296 + (value.low >>> 0) : undefined,
  double: (value) => (typeof value === "number" ? value : undefined),
  bytes: (value) => (value instanceof Uint8Array ? bufferOf(value).toString("base64") : undefined),
}
