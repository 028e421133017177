import { EXCHANGE_PARENT_SPAN_ID, LIFETIME_KIND, spanName } from "../attributes.ts"
import { id, text } from "./attribute-reader.ts"
import type { Span } from "./span.ts"

/** Value of `effect.lifetime.kind` on a span that tells of an exchange which is still open. */
export const openKind = "open"

const prefix = spanName.open("")

/**
 * The server spans that markers stand for, each as far as its latest marker knows it. Those whose own
 * span has come are left out: the span knows more.
 */
export const markedServers = (
  trace: ReadonlyMap<string, Span>,
  lifetimes: ReadonlyArray<Span>,
): ReadonlyArray<Span> => {
  const latest = new Map<string, Span>()
  for (const span of lifetimes) {
    const { parentSpanId } = span
    if (parentSpanId === undefined || text(span, LIFETIME_KIND) !== openKind) continue
    if (trace.has(parentSpanId)) continue
    const known = latest.get(parentSpanId)
    if (known === undefined || known.endedAt < span.endedAt) latest.set(parentSpanId, span)
  }
  return [...latest].map(([spanId, marker]) => ({
    ...marker,
    spanId,
    parentSpanId: id(marker, EXCHANGE_PARENT_SPAN_ID),
    name: marker.name.startsWith(prefix) ? marker.name.slice(prefix.length) : marker.name,
    kind: "server",
  }))
}
