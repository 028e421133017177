/**
 * The span form of a lifetime: what `otel/lifetimes/from-spans.ts` reads back. Pure; nothing here
 * knows the SDK.
 */
import type * as Tracer from "effect/Tracer"
import {
  CODE_FILE,
  CODE_FUNCTION,
  CODE_LINE,
  EXCEPTION_MESSAGE,
  EXCEPTION_TYPE,
  EXCHANGE_HANDLER_RETURNED,
  EXCHANGE_HEAD_SENT,
  EXCHANGE_PARENT_SPAN_ID,
  EXIT,
  FAILURE_DEFECT,
  FIBER_ID,
  FIBER_NAME,
  FINDING,
  FINDING_EVENT,
  HTTP_CONTENT_TYPE,
  HTTP_METHOD,
  HTTP_ROUTE,
  HTTP_STATUS,
  LIFETIME_KIND,
  LIFETIME_OPEN,
  OPEN_KIND,
  PUBSUB_CAPACITY,
  PUBSUB_END,
  PUBSUB_ID,
  PUBSUB_NAME,
  PUBSUB_PUBLISHED,
  PUBSUB_REPLACED,
  PUBSUB_REPLAYS,
  RESOURCE_SPAN_ID,
  RESOURCE_TRACE_ID,
  SCOPE_BELONGS_TO,
  SCOPE_CLOSE,
  SCOPE_FINALIZERS,
  SCOPE_FINALIZERS_DURATION,
  SCOPE_NAME,
  SCOPE_ROLE,
  SCOPE_SPAN_ID,
  SCOPE_TRACE_ID,
  STREAM_CUT_OFF,
  STREAM_END,
  STREAM_ENDED_BY,
  STREAM_EVENTS,
  STREAM_FIRST_EVENT,
  STREAM_NAME,
  STREAM_READS,
  STREAM_REFUSED,
  SUBSCRIPTION_BACKLOG,
  SUBSCRIPTION_BACKLOG_MAX,
  SUBSCRIPTION_DELIVERED,
  SUBSCRIPTION_FINISHED,
  SUBSCRIPTION_FIRST_EVENT,
  SUBSCRIPTION_FULL_FOR,
  SUBSCRIPTION_MISSED,
  SUBSCRIPTION_MISSED_BEFORE,
  SUBSCRIPTION_OWNER,
  SUBSCRIPTION_OWNER_CLOSED,
  SUBSCRIPTION_OWNER_OUTSIDE,
  SUBSCRIPTION_READ_BY_FORK,
  SUBSCRIPTION_RELEASED,
  SUBSCRIPTION_SOURCE_END,
  SUBSCRIPTION_UNREAD_PUBLISH,
  SUBSCRIPTION_UNTRACED_READ,
  spanName,
} from "../attributes.ts"
import { takeRoute } from "../instrument/exchange.ts"
import type {
  ConsumerRecord,
  ExchangeRecord,
  LifetimeRecord,
  OrphanRecord,
  Parent,
  ResourceRecord,
  ScopeRecord,
} from "../instrument/records.ts"
import type { Match } from "../lifetimes/finding.ts"
import { openKind } from "../lifetimes/open-marker.ts"
import { findingAttributes, findingKind } from "../lifetimes/recorded.ts"
import type { Attributes, AttributeValue, SpanEvent, SpanReference } from "../lifetimes/span.ts"
import { fromNanos, type Micros, millisBetween } from "../lifetimes/time.ts"

/** A span that is complete but not yet the SDK's. */
export interface LifetimeSpan {
  readonly span: SpanReference
  readonly parent: Parent | undefined
  readonly name: string
  readonly startedAt: Micros
  readonly endedAt: Micros
  readonly attributes: Attributes
  readonly events: ReadonlyArray<SpanEvent>
  readonly links: ReadonlyArray<SpanReference>
  /** The sentence of a finding of severity `error`. */
  readonly error: string | undefined
}

type Optional = Readonly<Record<string, AttributeValue | undefined>>

/** A lifetime that has not ended is drawn to its span's end and marked as open. */
export const lifetimeSpan = (record: LifetimeRecord, now: Micros): LifetimeSpan => {
  const form = "role" in record ? scopeForm(record) : formOf(record)
  return {
    span: record.span,
    parent: record.parentSpan,
    startedAt: record.startedAt,
    endedAt: record.endedAt ?? now,
    error: undefined,
    links: [],
    ...form,
    attributes: present({
      ...form.attributes,
      [LIFETIME_OPEN]: record.endedAt === undefined ? true : undefined,
    }),
  }
}

type Form = Pick<LifetimeSpan, "name" | "events"> &
  Partial<Pick<LifetimeSpan, "error" | "links">> & { readonly attributes: Optional }

const formOf = (record: ResourceRecord | ConsumerRecord | OrphanRecord): Form => {
  if ("pubsub" in record) return subscriptionForm(record)
  return "isOwned" in record ? fiberForm(record) : streamForm(record)
}

const scopeForm = (scope: ScopeRecord): Form => ({
  name: spanName.scope(scope.name),
  attributes: {
    [LIFETIME_KIND]: "scope",
    [SCOPE_NAME]: scope.name,
    [SCOPE_ROLE]: scope.role,
    [CODE_FUNCTION]: scope.code?.function,
    [CODE_FILE]: scope.code?.file,
    [CODE_LINE]: scope.code?.line,
  },
  events: eventAt(SCOPE_CLOSE, scope.closedAt, {
    [EXIT]: scope.exit,
    [FIBER_ID]: scope.closedByFiber,
    [SCOPE_FINALIZERS]: scope.finalizers,
    [SCOPE_FINALIZERS_DURATION]:
      scope.closedAt === undefined || scope.endedAt === undefined
        ? undefined
        : millisBetween(scope.closedAt, scope.endedAt),
  }),
  links: scope.ownedBy === undefined ? [] : [scope.ownedBy.span],
})

const subscriptionForm = (resource: ResourceRecord): Form => {
  const { ownerScope, pubsub } = resource
  const outside = !resource.owner.inExchange
  return {
    name: spanName.subscription(resource.name),
    attributes: {
      [LIFETIME_KIND]: "subscription",
      [PUBSUB_NAME]: pubsub.name,
      [PUBSUB_ID]: pubsub.id,
      [PUBSUB_CAPACITY]: resource.capacity,
      [PUBSUB_REPLAYS]: resource.replays ? true : undefined,
      [PUBSUB_PUBLISHED]: pubsub.published,
      [SCOPE_SPAN_ID]: resource.owner.spanId,
      [SUBSCRIPTION_OWNER]: resource.owner.name,
      [SUBSCRIPTION_OWNER_OUTSIDE]: outside ? true : undefined,
      [SUBSCRIPTION_OWNER_CLOSED]: resource.ownerClosed ? true : undefined,
      [SUBSCRIPTION_DELIVERED]: resource.delivered,
      [SUBSCRIPTION_BACKLOG_MAX]: resource.backlogMax,
      [SUBSCRIPTION_BACKLOG]: resource.backlog,
      [SUBSCRIPTION_FULL_FOR]: resource.fullFor === 0 ? undefined : resource.fullFor / 1000,
      [SUBSCRIPTION_MISSED]: resource.missed === 0 ? undefined : resource.missed,
      [SUBSCRIPTION_MISSED_BEFORE]: resource.missedBefore === 0 ? undefined : resource.missedBefore,
      [SUBSCRIPTION_READ_BY_FORK]: resource.readByFork ? true : undefined,
      [SUBSCRIPTION_FINISHED]: resource.finished ? true : undefined,
    },
    events: [
      ...eventAt(SUBSCRIPTION_FIRST_EVENT, resource.firstEventAt),
      ...eventAt(SUBSCRIPTION_UNTRACED_READ, resource.untracedReadAt),
      ...eventAt(SUBSCRIPTION_UNREAD_PUBLISH, resource.unreadPublishAt),
      ...sourceEndOf(resource),
      ...eventAt(SUBSCRIPTION_RELEASED, resource.endedAt, { [SCOPE_SPAN_ID]: resource.releasedBy }),
    ],
    links: outside && ownerScope !== undefined ? [ownerScope.span] : [],
  }
}

const sourceEndOf = ({ span, sourceEnd }: ResourceRecord): ReadonlyArray<SpanEvent> => {
  const by = sourceEnd?.by
  return eventAt(SUBSCRIPTION_SOURCE_END, sourceEnd?.at, {
    [PUBSUB_END]: sourceEnd?.how,
    [PUBSUB_REPLACED]: sourceEnd?.replaced === true ? true : undefined,
    [SCOPE_NAME]: by?.name,
    [SCOPE_SPAN_ID]: by?.span.spanId,
    [SCOPE_TRACE_ID]: by?.span.traceId === span.traceId ? undefined : by?.span.traceId,
    [SCOPE_BELONGS_TO]: by?.belongsTo,
  })
}

const fiberForm = ({ name, id, match }: OrphanRecord): Form => ({
  name: spanName.fiber(name),
  attributes: {
    [LIFETIME_KIND]: "fiber",
    [FIBER_NAME]: name,
    [FIBER_ID]: id,
    [FINDING]: match?.rule,
  },
  events: [],
})

const streamForm = (consumer: ConsumerRecord): Form => {
  const match = consumer.exchange?.matches.find((it) => it.consumer === consumer.span.spanId)
  return {
    name: spanName.stream(consumer.name),
    attributes: {
      [LIFETIME_KIND]: "stream",
      [STREAM_NAME]: consumer.name,
      [FIBER_ID]: consumer.fiber,
      [STREAM_EVENTS]: consumer.events,
      [STREAM_READS]: consumer.reads,
      [STREAM_ENDED_BY]: consumer.endedBy,
      [FINDING]: match?.rule,
    },
    events: [
      ...eventAt(STREAM_FIRST_EVENT, consumer.firstEventAt),
      ...eventAt(STREAM_REFUSED, consumer.refused?.at, {
        [RESOURCE_SPAN_ID]: consumer.refused?.resource,
      }),
      ...eventAt(STREAM_CUT_OFF, consumer.cutOff?.at, { [FIBER_ID]: consumer.cutOff?.by }),
      ...eventAt(STREAM_END, consumer.endedAt, {
        [EXIT]: consumer.exit,
        [STREAM_ENDED_BY]: consumer.endedBy,
        [RESOURCE_SPAN_ID]: consumer.endedByResource,
        [RESOURCE_TRACE_ID]: consumer.endedByForeign?.resource.traceId,
        [PUBSUB_NAME]: consumer.endedByForeign?.name,
        [SUBSCRIPTION_OWNER]: consumer.endedByForeign?.owner,
        [EXCEPTION_TYPE]: consumer.failure?.type,
        [EXCEPTION_MESSAGE]: consumer.failure?.message,
        [FAILURE_DEFECT]: consumer.failure?.defect,
      }),
      ...(match === undefined
        ? []
        : eventAt(FINDING_EVENT, consumer.endedAt, findingAttributes(match))),
    ],
    error: match?.severity === "error" ? match.message : undefined,
    links: consumer.readsFrom.map((resource) => resource.span),
  }
}

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

const eventAt = (
  name: string,
  time: Micros | undefined,
  attributes: Optional = {},
): ReadonlyArray<SpanEvent> =>
  time === undefined ? [] : [{ name, time, attributes: present(attributes) }]

const present = (attributes: Optional): Attributes => {
  const result: Record<string, AttributeValue> = {}
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) result[key] = value
  }
  return result
}
