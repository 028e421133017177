import { EVIDENCE_NOT_SENT, EVIDENCE_PREFIX, LINK_EXPORTED } from "../attributes.ts"
import type { Attributes } from "../lifetimes/span.ts"
import type { LifetimeSpan } from "./lifetime-span.ts"

const traceId = /^[0-9a-f]{32}$/

/** Names of PubSubs may look like ids: only the key tells. */
const namesTrace = (key: string): boolean =>
  key.endsWith(".trace_id") || (key.startsWith(EVIDENCE_PREFIX) && key.endsWith(".trace"))

const tracesIn = (attributes: Attributes): ReadonlyArray<string> =>
  Object.entries(attributes).flatMap(([key, value]) =>
    namesTrace(key) && typeof value === "string" && traceId.test(value) ? [value] : [],
  )

/** The traces that a span names besides its own. */
export const tracesNamed = ({
  span,
  links,
  attributes,
  events,
}: LifetimeSpan): ReadonlyArray<string> => {
  const named = new Set([
    ...links.map((link) => link.traceId),
    ...tracesIn(attributes),
    ...events.flatMap((event) => tracesIn(event.attributes)),
  ])
  named.delete(span.traceId)
  return [...named]
}

/** The same span, marked: nobody will find what it names in these traces. */
export const withUnsent = (form: LifetimeSpan, unsent: ReadonlyArray<string>): LifetimeSpan => {
  if (unsent.length === 0) return form
  const links = form.links.map((link) =>
    unsent.includes(link.traceId)
      ? { ...link, attributes: { ...link.attributes, [LINK_EXPORTED]: false } }
      : link,
  )
  return {
    ...form,
    links,
    attributes: { ...form.attributes, [EVIDENCE_NOT_SENT]: unsent.join(" ") },
  }
}
