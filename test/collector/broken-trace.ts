import {
  EXCHANGE_ENDED_BY,
  FINDING,
  FINDING_MESSAGE,
  FINDING_SEVERITY,
  HTTP_ROUTE,
  LIFETIME_KIND,
  spanName,
} from "../../otel/attributes.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import { hexOf, spanOf } from "../otlp/spans.ts"

/** An exchange in the spans of which a program recorded a finding, in two parts as if sent so. */
export const brokenTrace = (
  trace: number,
  route = "/event",
  message = "The stream lost its subscription.",
): readonly [server: Span, finding: Span] => {
  const traceId = hexOf(trace, 32)
  const server = spanOf({
    traceId,
    spanId: hexOf(1, 16),
    kind: "server",
    name: "GET",
    attributes: {
      [HTTP_ROUTE]: route,
      "http.request.method": "GET",
      [EXCHANGE_ENDED_BY]: "server",
    },
  })
  const finding = spanOf({
    traceId,
    spanId: hexOf(2, 16),
    parentSpanId: server.spanId,
    name: spanName.finding("scope-closed-early"),
    attributes: {
      [LIFETIME_KIND]: "finding",
      [FINDING]: "scope-closed-early",
      [FINDING_SEVERITY]: "error",
      "lifetime.confidence": "certain",
      [FINDING_MESSAGE]: message,
      "lifetime.operation": "scope handler",
    },
  })
  return [server, finding]
}
