import { isServerSpan } from "../../otel/lifetimes/from-spans.ts"
import type { JudgedExchange } from "../../otel/lifetimes/judge-trace.ts"
import { withoutMarkers } from "../../otel/lifetimes/open-marker.ts"
import { serversAbove } from "../../otel/lifetimes/servers-above.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import type { Micros } from "../../otel/lifetimes/time.ts"
import type { Trace } from "../../otel/lifetimes/trace.ts"
import { layoutOf } from "../../otel/timeline/layout.ts"
import { boundedSpan } from "./bounded-span.ts"
import { exchangeIdOf } from "./exchange-row.ts"
import { kindIdOf } from "./finding-kind.ts"
import type { ExchangeDetail } from "./snapshot.ts"

/** All of one exchange. An open lifetime lasts at least until `now`, if that is given. */
export const exchangeDetailOf = (
  { exchange, matches }: JudgedExchange,
  trace: Trace,
  now?: Micros,
): ExchangeDetail => ({
  id: exchangeIdOf(exchange.span),
  layout: layoutOf(exchange, matches, now),
  kinds: matches.map(kindIdOf),
  spans: spansOf(exchange.span.spanId, trace).map(boundedSpan),
})

/**
 * The spans below that of the exchange, its own span, and that of its client. Spans of other exchanges are left
 * out.
 */
const spansOf = (exchangeId: string, trace: Trace): ReadonlyArray<Span> => {
  const spans = withoutMarkers(trace)
  const servers = spans.filter(isServerSpan)
  if (servers.length === 1) return spans
  const client = spans.find(({ spanId }) => spanId === exchangeId)?.parentSpanId
  const above = serversAbove(spans, new Set(servers.map(({ spanId }) => spanId)))
  return spans.filter(({ spanId }) => spanId === client || above.get(spanId) === exchangeId)
}
