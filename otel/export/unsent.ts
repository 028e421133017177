import { EVIDENCE_NOT_SENT, LINK_EXPORTED } from "../attributes.ts"
import type { LifetimeSpan } from "./lifetime-span.ts"

const traceId = /^[0-9a-f]{32}$/

/** The traces that a span names besides its own. */
export const tracesNamed = ({ span, links, attributes }: LifetimeSpan): ReadonlyArray<string> => {
  const values = Object.values(attributes).filter((value) => typeof value === "string")
  const named = [...links.map((link) => link.traceId), ...values.filter((it) => traceId.test(it))]
  return [...new Set(named)].filter((it) => it !== span.traceId)
}

/** The same span, which says of what it names in these traces that nobody will find it. */
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
