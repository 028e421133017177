import type * as Tracer from "effect/Tracer"
import {
  EXCHANGE_HANDLER_RETURNED,
  EXCHANGE_HEAD_SENT,
  EXCHANGE_PARENT_SPAN_ID,
  FINDING_EVENT,
  HTTP_CONTENT_TYPE,
  HTTP_METHOD,
  HTTP_ROUTE,
  HTTP_STATUS,
  LIFETIME_KIND,
  LIFETIME_OPEN,
  OPEN_KIND,
  spanName,
} from "../attributes.ts"
import { takeRoute } from "../instrument/exchange.ts"
import type { ExchangeRecord, LifetimeRecord } from "../instrument/records/record.ts"
import { openKind } from "../lifetimes/open-marker.ts"
import { findingAttributes } from "../lifetimes/recorded.ts"
import type { SpanReference } from "../lifetimes/span.ts"
import { fromNanos, type Micros } from "../lifetimes/time.ts"
import { lifetimeSpan } from "./lifetime-span.ts"
import { eventAt, type LifetimeSpan, present } from "./span-form.ts"

/** Stands for a span while that is open: the diagnosis folds it into the span once that has come. */
export const openSpan = (open: Tracer.Span, span: SpanReference, at: Micros): LifetimeSpan => ({
  span,
  parent: { traceId: open.traceId, spanId: open.spanId, sampled: open.sampled },
  name: spanName.open(open.name),
  startedAt: fromNanos(open.status.startTime),
  endedAt: at,
  attributes: present({
    [LIFETIME_KIND]: openKind,
    [LIFETIME_OPEN]: true,
    [EXCHANGE_PARENT_SPAN_ID]: parentIdOf(open),
  }),
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
  const [method, route] = exchange.route.split(" ", 2)
  return {
    span,
    parent: { ...exchange.span, sampled: exchange.sampled },
    name: spanName.open(exchange.route),
    startedAt: exchange.startedAt,
    endedAt: at,
    attributes: present({
      [LIFETIME_KIND]: openKind,
      [LIFETIME_OPEN]: true,
      [HTTP_METHOD]: method,
      [HTTP_ROUTE]: route,
      [HTTP_STATUS]: exchange.status,
      [HTTP_CONTENT_TYPE]: exchange.contentType === undefined ? undefined : [exchange.contentType],
      [EXCHANGE_PARENT_SPAN_ID]: parentIdOf(exchange.serverSpan),
    }),
    events: [
      ...eventAt(EXCHANGE_HANDLER_RETURNED, exchange.handlerReturnedAt),
      ...eventAt(EXCHANGE_HEAD_SENT, exchange.headSentAt),
      ...exchange.matches.flatMap((match) => eventAt(FINDING_EVENT, at, findingAttributes(match))),
    ],
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
    parent: { ...record.span, sampled: record.parentSpan?.sampled ?? true },
    name: spanName.open(form.name),
    attributes: present({
      ...form.attributes,
      [LIFETIME_KIND]: openKind,
      [OPEN_KIND]: form.attributes[LIFETIME_KIND],
      [EXCHANGE_PARENT_SPAN_ID]: record.parentSpan?.spanId,
    }),
  }
}

const parentIdOf = ({ parent }: Tracer.Span): string | undefined =>
  parent._tag === "Some" ? parent.value.spanId : undefined
