import { isServerSpan } from "./from-spans.ts"
import { isMarker } from "./open-marker.ts"
import { serversAbove } from "./servers-above.ts"
import type { Span } from "./span.ts"
import { isNamed } from "./spans/exchange-name.ts"
import type { Micros } from "./time.ts"
import { type Trace, traces } from "./trace.ts"

/**
 * From which moment the times of a span count: from the arrival of its exchange's request, as in sentences and
 * drawings. What belongs to no exchange counts from the first one of its trace; without any, from the trace's first
 * span.
 */
export const zerosOf = (spans: Iterable<Span>): ((span: Span) => Micros) => {
  const zeros = new Map([...traces(spans)].map(([traceId, trace]) => [traceId, zerosIn(trace)]))
  return (span) => zeros.get(span.traceId)?.(span) ?? span.startedAt
}

const zerosIn = (trace: Trace): ((span: Span) => Micros) => {
  const spans = [...trace.values()]
  const begins = exchangesIn(trace, spans)
  const first = earliest(begins.size > 0 ? begins.values() : spans.map((span) => span.startedAt))
  if (begins.size < 2) return () => first
  const above = serversAbove(spans, new Set(begins.keys()))
  const below = new Map<string, string>()
  for (const spanId of begins.keys()) {
    const caller = trace.get(spanId)?.parentSpanId
    if (caller !== undefined && !below.has(caller)) below.set(caller, spanId)
  }
  return ({ spanId, parentSpanId }) => {
    const server = above.get(spanId) ?? below.get(spanId) ?? parentSpanId
    return (server === undefined ? undefined : begins.get(server)) ?? first
  }
}

/** When each exchange began, by the id of its server span; a marker tells it of one that is open. */
const exchangesIn = (trace: Trace, spans: ReadonlyArray<Span>): ReadonlyMap<string, Micros> => {
  const begins = new Map<string, Micros>()
  for (const span of spans) {
    if (isMarker(span) && isNamed(span) && !trace.has(span.parentSpanId)) {
      begins.set(span.parentSpanId, span.startedAt)
    }
    if (isServerSpan(span)) begins.set(span.spanId, span.startedAt)
  }
  return begins
}

const earliest = (times: Iterable<Micros>): Micros => {
  let first = Number.POSITIVE_INFINITY
  for (const time of times) first = Math.min(first, time)
  return first
}
