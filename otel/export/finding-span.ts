import { spanName } from "../attributes.ts"
import type { ExchangeRecord } from "../instrument/records/record.ts"
import { parentOf } from "../instrument/records/record-span.ts"
import type { Match } from "../lifetimes/finding.ts"
import type { SpanReference } from "../lifetimes/span.ts"
import { findingSpan as table } from "../lifetimes/spans/finding.ts"
import type { Micros } from "../lifetimes/time.ts"
import type { LifetimeSpan } from "./lifetime-span.ts"

/** A finding that became known after the spans it is about had ended: zero length, linked to them. */
export const findingSpan = (
  exchange: ExchangeRecord,
  match: Match,
  span: SpanReference,
  at: Micros,
): LifetimeSpan => {
  const { attributes, events, links, error } = table.write(match, span)
  return {
    span,
    parent: parentOf(exchange),
    name: spanName.finding(match.rule),
    startedAt: at,
    endedAt: at,
    attributes,
    events,
    links,
    error,
  }
}
