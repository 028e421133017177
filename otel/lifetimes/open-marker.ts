import { LIFETIME_KIND, spanName } from "../attributes.ts"
import { text } from "./attribute-reader.ts"
import type { Span } from "./span.ts"
import { isNamed } from "./spans/exchange-name.ts"
import { openKind, openMarker } from "./spans/open.ts"

const prefix = spanName.open("")

/** A span that says only that its parent was still open when this span ended. */
export interface Marker extends Span {
  readonly parentSpanId: string
}

export const isMarker = (span: Span): span is Marker =>
  span.parentSpanId !== undefined && text(span, LIFETIME_KIND) === openKind

/**
 * The spans that markers stand for, each as its latest marker knows it. Spans that have come themselves are
 * left out: they know more.
 */
export const standIns = (
  trace: ReadonlyMap<string, Span>,
  markers: ReadonlyArray<Marker>,
): ReadonlyArray<Span> => {
  const latest = new Map<string, Marker>()
  for (const marker of markers) {
    const { parentSpanId } = marker
    if (trace.has(parentSpanId)) continue
    const known = latest.get(parentSpanId)
    if (known === undefined || known.endedAt < marker.endedAt) latest.set(parentSpanId, marker)
  }
  return [...latest].map(([spanId, marker]) => {
    const { kindOfSpan, parentSpanId } = openMarker.read(marker)
    return {
      ...marker,
      spanId,
      parentSpanId,
      name: marker.name.startsWith(prefix) ? marker.name.slice(prefix.length) : marker.name,
      kind: isNamed(marker) ? "server" : "internal",
      attributes: { ...marker.attributes, [LIFETIME_KIND]: kindOfSpan ?? openKind },
    }
  })
}

/** The spans of a trace, with each marker merged into its span. */
export const withoutMarkers = (trace: ReadonlyMap<string, Span>): ReadonlyArray<Span> => {
  const spans: Array<Span> = []
  const markers: Array<Marker> = []
  for (const span of trace.values()) {
    if (isMarker(span)) markers.push(span)
    else spans.push(span)
  }
  return markers.length === 0 ? spans : [...spans, ...standIns(trace, markers)]
}
