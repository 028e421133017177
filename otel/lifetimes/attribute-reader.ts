/**
 * Reads attributes of a span or an event by type. What is missing or of another type is `undefined`:
 * spans come from outside, and one odd attribute must not take a trace out of the diagnosis.
 */
import type { Attributes, Span, SpanEvent } from "./span.ts"

interface Attributed {
  readonly attributes: Attributes
}

export const text = (from: Attributed | undefined, key: string): string | undefined => {
  const value = from?.attributes[key]
  return typeof value === "string" ? value : undefined
}

/** A list of strings; a single string is a list of one. */
export const texts = (from: Attributed | undefined, key: string): ReadonlyArray<string> => {
  const value = from?.attributes[key]
  if (typeof value === "string") return [value]
  return Array.isArray(value) ? value.filter((it) => typeof it === "string") : []
}

export const count = (from: Attributed | undefined, key: string): number | undefined => {
  const value = from?.attributes[key]
  const number = typeof value === "string" && value !== "" ? Number(value) : value
  return typeof number === "number" && Number.isFinite(number) ? number : undefined
}

export const flag = (from: Attributed | undefined, key: string): boolean => {
  const value = from?.attributes[key]
  return value === true || value === "true"
}

/** A span id, in lower case. */
export const id = (from: Attributed | undefined, key: string): string | undefined =>
  text(from, key)?.toLowerCase()

export const oneOf = <const A extends string>(
  from: Attributed | undefined,
  key: string,
  allowed: ReadonlyArray<A>,
): A | undefined => {
  const value = text(from, key)
  return allowed.find((it) => it === value)
}

/** The first event of that name. */
export const event = (span: Span, name: string): SpanEvent | undefined =>
  span.events.find((it) => it.name === name)
