import type { Attributes, AttributeValue, Span } from "../../otel/lifetimes/span.ts"

/** The object itself with its numbers and ids, and its place in a map. */
const ofSpan = 320
const ofObject = 56
const ofEntry = 16
const ofText = 24
const ofNumber = 16

/** An object with more attributes than that may become a hash table. */
const mostFields = 15
const ofEntryOfMany = 32

/** Longer names of attributes are not shared with those of other spans. */
const longestSharedKey = 64

const isWide = /[^\u0000-\u00ff]/

const bytesOfText = (text: string): number =>
  text === "" ? 0 : ofText + text.length * (isWide.test(text) ? 2 : 1)

const isList = (value: object): value is ReadonlyArray<AttributeValue> => Array.isArray(value)

const bytesOfValue = (value: AttributeValue): number => {
  if (typeof value === "string") return bytesOfText(value)
  if (typeof value === "number") return ofNumber
  if (typeof value === "boolean") return 0
  if (isList(value)) {
    return value.reduce<number>((sum, one) => sum + ofEntry + bytesOfValue(one), ofObject)
  }
  return bytesOfAttributes(value)
}

/** An estimate of what attributes take on the heap, in bytes. */
export const bytesOfAttributes = (attributes: Attributes): number => {
  let bytes = ofObject
  let entries = 0
  for (const key in attributes) {
    const value = attributes[key]
    entries += 1
    if (key.length > longestSharedKey) bytes += bytesOfText(key)
    if (value !== undefined) bytes += bytesOfValue(value)
  }
  return bytes + entries * (entries > mostFields ? ofEntryOfMany : ofEntry)
}

const bytesOfEach = <A>(list: ReadonlyArray<A>, bytesOf: (one: A) => number): number =>
  list.length === 0 ? 0 : list.reduce((sum, one) => sum + ofEntry + bytesOf(one), ofObject)

/**
 * An estimate of what a span takes on the heap, in bytes. What it shares with others, its resource and its
 * instrumentation, is not in it.
 */
export const bytesOfSpan = ({ name, attributes, events, links, status }: Span): number =>
  ofSpan +
  bytesOfText(name) +
  bytesOfText(status.message) +
  bytesOfAttributes(attributes) +
  bytesOfEach(events, (event) => {
    return ofObject + bytesOfText(event.name) + bytesOfAttributes(event.attributes)
  }) +
  bytesOfEach(links, (link) => 2 * ofObject + bytesOfAttributes(link.attributes))
