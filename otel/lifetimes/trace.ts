import { EXCHANGE_ENDED_BY, LIFETIME_OPEN } from "../attributes.ts"
import { flag } from "./attribute-reader.ts"
import type { Span } from "./span.ts"

/** Spans of one trace, each once. */
export type Trace = ReadonlyMap<string, Span>

/** Sorts spans into traces; of a span that came twice the first is kept, unless the other tells more. */
export const traces = (spans: Iterable<Span>): ReadonlyMap<string, Trace> => {
  const found = new Map<string, Map<string, Span>>()
  for (const span of spans) {
    const trace = found.get(span.traceId)
    if (trace === undefined) found.set(span.traceId, new Map([[span.spanId, span]]))
    else if (isNews(trace.get(span.spanId), span)) trace.set(span.spanId, span)
  }
  return found
}

/** Spans of one trace; of a span that came twice the first is kept, unless the other tells more. */
export const traceOf = (spans: Iterable<Span>): Trace => {
  const trace = new Map<string, Span>()
  for (const span of spans) {
    if (isNews(trace.get(span.spanId), span)) trace.set(span.spanId, span)
  }
  return trace
}

/** Whether a span tells more than the one of the same id that is known, if one is. */
const isNews = (known: Span | undefined, span: Span): boolean =>
  known === undefined || tells(span) > tells(known)

/** Whether a span that is sent again takes the place of the one that is known: unless that tells more. */
export const replaces = (known: Span | undefined, span: Span): boolean =>
  known === undefined || tells(span) >= tells(known)

/**
 * A span that was sent open and has ended since tells more than it did. The server span of an exchange may be sent
 * by a tracer of the program's own as well, which knows nothing of the exchange.
 */
const tells = (span: Span): number => {
  if (flag(span, LIFETIME_OPEN)) return 0
  return span.attributes[EXCHANGE_ENDED_BY] === undefined ? 1 : 2
}
