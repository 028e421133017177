import { LIFETIME_KIND, spanName } from "../attributes.ts"
import type { ExchangeRecord } from "../instrument/records/record.ts"
import type { Match } from "../lifetimes/finding.ts"
import { findingAttributes, findingKind } from "../lifetimes/recorded.ts"
import type { SpanReference } from "../lifetimes/span.ts"
import type { Micros } from "../lifetimes/time.ts"
import type { LifetimeSpan } from "./span-form.ts"

/** A finding that became known after the spans it is about had ended: zero length, linked to them. */
export const findingSpan = (
  exchange: ExchangeRecord,
  match: Match,
  span: SpanReference,
  at: Micros,
): LifetimeSpan => ({
  span,
  parent: { ...exchange.span, sampled: exchange.sampled },
  name: spanName.finding(match.rule),
  startedAt: at,
  endedAt: at,
  attributes: { [LIFETIME_KIND]: findingKind, ...findingAttributes(match) },
  events: [],
  links: match.spanIds.map((spanId) => ({ traceId: exchange.span.traceId, spanId })),
  error: match.severity === "error" ? match.message : undefined,
})
