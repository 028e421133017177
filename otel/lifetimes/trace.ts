import { EXCHANGE_ENDED_BY, LIFETIME_OPEN } from "../attributes.ts"
import { flag } from "./attribute-reader.ts"
import type { Span } from "./span.ts"

/** Spans of one trace, each once. */
export type Trace = ReadonlyMap<string, Span>

/** Sorts spans into traces. If a span comes twice, the first is kept, unless the second knows more. */
export const traces = (spans: Iterable<Span>): ReadonlyMap<string, Trace> => {
  const found = new Map<string, Map<string, Span>>()
  for (const span of spans) {
    const trace = found.get(span.traceId)
    if (trace === undefined) found.set(span.traceId, new Map([[span.spanId, span]]))
    else if (isNews(trace.get(span.spanId), span)) trace.set(span.spanId, span)
  }
  return found
}

/** Spans of one trace. If a span comes twice, the first is kept, unless the second knows more. */
export const traceOf = (spans: Iterable<Span>): Trace => {
  const trace = new Map<string, Span>()
  for (const span of spans) {
    if (isNews(trace.get(span.spanId), span)) trace.set(span.spanId, span)
  }
  return trace
}

/** Whether a span knows more than the known one with the same id, if there is one. */
const isNews = (known: Span | undefined, span: Span): boolean =>
  known === undefined || tells(span) > tells(known)

/** Whether a span that is sent again replaces the known one: unless the known one knows more. */
export const replaces = (known: Span | undefined, span: Span): boolean =>
  known === undefined || tells(span) >= tells(known)

/**
 * A span that was sent open and has ended since knows more now. A tracer of the program may also send the
 * server span of an exchange, without knowing about the exchange.
 */
const tells = (span: Span): number => {
  if (flag(span, LIFETIME_OPEN)) return 0
  return span.attributes[EXCHANGE_ENDED_BY] === undefined ? 1 : 2
}
