import type * as Tracer from "effect/Tracer"
import { LIFETIME_KIND, spanName } from "../attributes.ts"
import type { ExchangeRecord, LifetimeRecord } from "../instrument/records/record.ts"
import { parentOf } from "../instrument/records/record-span.ts"
import { takeRoute } from "../instrument/records/route.ts"
import type { SpanReference } from "../lifetimes/span.ts"
import { exchangeSpan } from "../lifetimes/spans/exchange.ts"
import { findingEvent } from "../lifetimes/spans/finding.ts"
import { openKind, openMarker } from "../lifetimes/spans/open.ts"
import { fromNanos, type Micros } from "../lifetimes/time.ts"
import { type LifetimeSpan, lifetimeSpan } from "./lifetime-span.ts"

/** Stands for a span while that is open: the diagnosis folds it into the span once that has come. */
export const openSpan = (open: Tracer.Span, span: SpanReference, at: Micros): LifetimeSpan => ({
  span,
  parent: {
    traceId: open.traceId,
    spanId: open.spanId,
    sampled: open.sampled,
    startTime: open.status.startTime,
  },
  name: spanName.open(open.name),
  startedAt: fromNanos(open.status.startTime),
  endedAt: at,
  attributes: marks(span, undefined, parentIdOf(open)),
  events: [],
  links: [],
  error: undefined,
})

/** The same of a server span. */
export const openExchange = (
  exchange: ExchangeRecord,
  span: SpanReference,
  at: Micros,
): LifetimeSpan => {
  takeRoute(exchange)
  // Whether it failed is known at its end.
  const { attributes, events } = exchangeSpan.write({ ...exchange, failed: undefined }, span)
  return {
    span,
    parent: parentOf(exchange),
    name: spanName.open(exchange.route),
    startedAt: exchange.startedAt,
    endedAt: at,
    attributes: {
      [LIFETIME_KIND]: openKind,
      ...attributes,
      ...marks(span, undefined, parentIdOf(exchange.serverSpan)),
    },
    events: [...events, ...exchange.matches.map((match) => findingEvent(match, at, span))],
    links: [],
    error: undefined,
  }
}

/** The same of a scope, a subscription or a stream, with what is known of it. */
export const openLifetime = (
  record: LifetimeRecord,
  span: SpanReference,
  at: Micros,
): LifetimeSpan => {
  const form = lifetimeSpan(record, at)
  return {
    ...form,
    span,
    parent: {
      ...record.span,
      sampled: record.parentSpan?.sampled ?? true,
      startTime: record.parentSpan?.startTime,
    },
    name: spanName.open(form.name),
    attributes: {
      ...form.attributes,
      ...marks(span, record.kind, record.parentSpan?.spanId),
    },
  }
}

const marks = (
  span: SpanReference,
  kindOfSpan: string | undefined,
  parentSpanId: string | undefined,
) => openMarker.write({ kindOfSpan, parentSpanId }, span).attributes

const parentIdOf = ({ parent }: Tracer.Span): string | undefined =>
  parent._tag === "Some" ? parent.value.spanId : undefined
