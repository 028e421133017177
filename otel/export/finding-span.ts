import { spanName } from "../attributes.ts"
import type { ExchangeRecord, OrphanRecord } from "../instrument/records/record.ts"
import { makeSpanId, makeTraceId, parentOf } from "../instrument/records/record-span.ts"
import type { Match } from "../lifetimes/finding.ts"
import { evidenceOf } from "../lifetimes/finding-evidence.ts"
import { type ToldFinding, findingSpan as table } from "../lifetimes/spans/finding.ts"
import type { Micros } from "../lifetimes/time.ts"
import type { LifetimeSpan } from "./lifetime-span.ts"

/** A finding about an exchange: it begins no earlier than that. */
export const findingSpan = (exchange: ExchangeRecord, match: Match, at: Micros): LifetimeSpan => {
  const { spans, causedAt, shownAt } = evidenceOf(exchange, match, at)
  const startedAt = Math.max(causedAt, exchange.startedAt)
  const told = {
    ...match,
    evidenceSpans: spans,
    causedBefore: causedAt < startedAt ? causedAt : undefined,
  }
  const { traceId } = exchange.span
  return spanOf(told, parentOf(exchange), traceId, startedAt, shownAt)
}

/** A finding about a fiber of the program: the root of a trace of its own. */
export const programFindingSpan = (
  { span }: OrphanRecord,
  match: Match,
  at: Micros,
): LifetimeSpan => {
  const evidence = { span, role: "left open", ended: true } as const // as open, it is sent too
  const told = { ...match, evidenceSpans: [evidence], causedBefore: undefined }
  return spanOf(told, undefined, makeTraceId(), at, at)
}

const spanOf = (
  told: ToldFinding,
  parent: LifetimeSpan["parent"],
  traceId: string,
  startedAt: Micros,
  endedAt: Micros,
): LifetimeSpan => {
  const span = { traceId, spanId: makeSpanId() }
  const { attributes, events, links, error } = table.write(told, span)
  return {
    span,
    parent,
    name: spanName.finding(told.rule),
    startedAt,
    endedAt: Math.max(startedAt, endedAt),
    attributes,
    events,
    links,
    error,
  }
}
