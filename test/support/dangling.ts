import { EVIDENCE_NOT_SENT, LINK_EXPORTED } from "../../otel/attributes.ts"
import type { Span } from "../../otel/lifetimes/span.ts"

/** What spans name that is not among them, and is not said to be missing. */
export const danglingIn = (spans: ReadonlyArray<Span>): ReadonlyArray<string> => {
  const known = new Set(spans.map(({ traceId, spanId }) => `${traceId} ${spanId}`))
  const traces = new Set(spans.map(({ traceId }) => traceId))
  const ids = new Set(spans.map(({ spanId }) => spanId))
  return spans.flatMap((span) => [
    ...span.links
      .filter(({ traceId, spanId }) => !known.has(`${traceId} ${spanId}`))
      .filter(({ attributes }) => attributes[LINK_EXPORTED] !== false)
      .map(({ spanId }) => `${span.name}: link to ${spanId}`),
    ...idsOf(span.attributes["lifetime.span_ids"])
      .filter((id) => !ids.has(id))
      .map((id) => `${span.name}: names ${id}`),
    ...Object.values(span.attributes)
      .filter((value) => typeof value === "string" && /^[0-9a-f]{32}$/.test(value))
      .filter((value) => !traces.has(String(value)))
      .filter((value) => !String(span.attributes[EVIDENCE_NOT_SENT] ?? "").includes(String(value)))
      .map((value) => `${span.name}: names trace ${value}`),
  ])
}

const idsOf = (value: unknown): ReadonlyArray<string> =>
  Array.isArray(value) ? value.map(String) : []
