import type { Attributes, AttributeValue } from "../../otel/lifetimes/span.ts"
import { isFields } from "./fields.ts"
import { repeated } from "./repeated-text.ts"
import type { Scalars } from "./scalars.ts"

/** Deeper lists in lists count as an attack on the stack. */
export const deepest = 32

const malformed = Symbol("malformed")

/** `undefined` if OTLP has an empty value: an attribute of which only the key is known. */
type ReadValue = AttributeValue | undefined | typeof malformed

const orMalformed = (value: AttributeValue | undefined): ReadValue => value ?? malformed

const readValue = (scalars: Scalars, value: unknown, depth: number): ReadValue => {
  if (value === undefined || value === null) return undefined
  if (!isFields(value) || depth > deepest) return malformed
  // Most values are strings, and this path needs no list of keys.
  if (typeof value.stringValue === "string" && value.stringValue !== "") {
    return repeated(value.stringValue)
  }
  // Only own fields count: a decoded protobuf message inherits the defaults of missing fields.
  for (const key of Object.keys(value)) {
    const content = value[key]
    if (content === null || content === undefined) continue
    switch (key) {
      case "stringValue":
        return typeof content === "string" ? content : malformed
      case "intValue":
        return orMalformed(scalars.integer(content))
      case "boolValue":
        return typeof content === "boolean" ? content : malformed
      case "doubleValue":
        return orMalformed(scalars.double(content))
      case "bytesValue":
        return orMalformed(scalars.bytes(content))
      case "arrayValue":
        return readList(scalars, content, depth + 1)
      case "kvlistValue":
        return isFields(content)
          ? orMalformed(readPairs(scalars, content.values, depth + 1))
          : malformed
    }
  }
  return undefined
}

const readList = (scalars: Scalars, list: unknown, depth: number): ReadValue => {
  if (!isFields(list)) return malformed
  const values = list.values ?? []
  if (!Array.isArray(values)) return malformed
  const read: Array<AttributeValue> = []
  for (const value of values) {
    const element = readValue(scalars, value, depth)
    if (element === malformed) return malformed
    if (element !== undefined) read.push(element)
  }
  return read
}

/** Many spans have no attributes, and many spans are kept. */
export const noAttributes: Attributes = Object.freeze({})

const readPairs = (scalars: Scalars, pairs: unknown, depth: number): Attributes | undefined => {
  if (pairs === undefined || pairs === null) return noAttributes
  if (!Array.isArray(pairs)) return undefined
  if (pairs.length === 0) return noAttributes
  const attributes: Record<string, AttributeValue> = {}
  for (const pair of pairs) {
    if (!isFields(pair)) return undefined
    const key = pair.key ?? ""
    const value = readValue(scalars, pair.value, depth)
    if (typeof key !== "string" || value === malformed) return undefined
    if (value !== undefined) setAttribute(attributes, repeated(key), value)
  }
  return attributes
}

/** Assigning to `__proto__` would set the prototype, and a sender chooses the keys. */
export const setAttribute = (
  attributes: Record<string, AttributeValue>,
  key: string,
  value: AttributeValue,
): void => {
  if (key !== "__proto__") attributes[key] = value
  else Object.defineProperty(attributes, key, { value, ...ordinary })
}

const ordinary = { writable: true, enumerable: true, configurable: true } as const

/**
 * A list of OTLP key-value pairs as one record; `undefined` if it is not such a list. Pairs without a value are
 * left out. Of pairs with the same key, the last one stays.
 */
export const readAttributes = (scalars: Scalars, pairs: unknown): Attributes | undefined =>
  readPairs(scalars, pairs, 0)
