import { HOST_PREFIX } from "../../otel/attributes.ts"
import type { Attributes, AttributeValue, Span } from "../../otel/lifetimes/span.ts"

/**
 * Nobody reads more of a value on a page, and 5,000 spans with long values would be too much to send or to
 * save.
 */
const longest = { name: 300, value: 500 } as const
const mostAttributes = 64
const mostEvents = 32
const mostLinks = 32

/** A span as a page shows it: long texts and lists are cut, and what names the machine is removed. */
export const boundedSpan = (span: Span): Span => ({
  ...span,
  name: cut(span.name, longest.name),
  status: { ...span.status, message: cut(span.status.message, longest.value) },
  attributes: bounded(span.attributes),
  resource: {}, // no page shows it
  events: span.events.slice(0, mostEvents).map((event) => ({
    ...event,
    name: cut(event.name, longest.name),
    attributes: bounded(event.attributes),
  })),
  links: span.links
    .slice(0, mostLinks)
    .map((link) => ({ ...link, attributes: bounded(link.attributes) })),
})

const bounded = (attributes: Attributes): Attributes =>
  Object.fromEntries(
    Object.entries(attributes)
      .filter(([key]) => !key.startsWith(HOST_PREFIX))
      .slice(0, mostAttributes)
      .map(([key, value]) => [cut(key, longest.name), boundedValue(value)]),
  )

const boundedValue = (value: AttributeValue): AttributeValue => {
  if (typeof value === "string") return cut(value, longest.value)
  if (typeof value !== "object") return value
  const text = JSON.stringify(value)
  return text.length <= longest.value ? value : cut(text, longest.value)
}

const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most - 1)}…`
