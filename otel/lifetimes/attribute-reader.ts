/**
 * Reads attributes of a span or an event by type. What is missing or of another type is `undefined`:
 * spans come from outside, and one odd attribute must not take a trace out of the diagnosis.
 */
import type { Attributes, AttributeValue } from "./span.ts"

interface WithAttributes {
  readonly attributes: Attributes
}

type Value = AttributeValue | undefined

export const asText = (value: Value): string | undefined =>
  typeof value === "string" ? value : undefined

/** A list of strings; a single string is a list of one. */
export const asTexts = (value: Value): ReadonlyArray<string> => {
  if (typeof value === "string") return [value]
  return Array.isArray(value) ? value.filter((it) => typeof it === "string") : []
}

export const asCount = (value: Value): number | undefined => {
  const number = typeof value === "string" && value !== "" ? Number(value) : value
  return typeof number === "number" && Number.isFinite(number) ? number : undefined
}

export const asFlag = (value: Value): boolean => value === true || value === "true"

export const text = (from: WithAttributes, key: string): string | undefined =>
  asText(from.attributes[key])

export const flag = (from: WithAttributes, key: string): boolean => asFlag(from.attributes[key])
