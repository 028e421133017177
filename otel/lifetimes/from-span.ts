/** Reads one span of a lifetime: what `otel/export/lifetime-span.ts` writes. */
import {
  CLIENT_ENDED_BY,
  CLIENT_EVENTS,
  CLIENT_FIRST_BYTE,
  CLIENT_FIRST_EVENT,
  CLIENT_OWN_EVENTS,
  CODE_FILE,
  CODE_FUNCTION,
  CODE_LINE,
  EXCEPTION_MESSAGE,
  EXCEPTION_TYPE,
  EXIT,
  FAILURE_DEFECT,
  FIBER_ID,
  FIBER_NAME,
  LIFETIME_OPEN,
  PUBSUB_CAPACITY,
  PUBSUB_END,
  PUBSUB_NAME,
  PUBSUB_REPLACED,
  PUBSUB_REPLAYS,
  SCOPE_BELONGS_TO,
  SCOPE_CLOSE,
  SCOPE_FINALIZERS,
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
  SUBSCRIPTION_FULL_FOR,
  SUBSCRIPTION_MISSED,
  SUBSCRIPTION_MISSED_BEFORE,
  SUBSCRIPTION_OWNER,
  SUBSCRIPTION_OWNER_CLOSED,
  SUBSCRIPTION_OWNER_OUTSIDE,
  SUBSCRIPTION_READ_BY_FORK,
  SUBSCRIPTION_RELEASED,
  SUBSCRIPTION_SOURCE_END,
  SUBSCRIPTION_SPAN_ID,
  SUBSCRIPTION_TRACE_ID,
  SUBSCRIPTION_UNREAD_PUBLISH,
  SUBSCRIPTION_UNTRACED_READ,
} from "../attributes.ts"
import { count, event, flag, id, oneOf, text, texts } from "./attribute-reader.ts"
import type {
  Client,
  CodeLocation,
  Failure,
  OrphanFiber,
  Scope,
  SourceEnd,
  StreamRun,
  Subscription,
} from "./model.ts"
import type { Span, SpanEvent } from "./span.ts"
import { belongings, clientEnds, exitKinds, scopeRoles, sourceEnds, streamEnds } from "./terms.ts"
import { fromMillis, type Micros } from "./time.ts"

export const intervalOf = (span: Span) => ({
  span: { traceId: span.traceId, spanId: span.spanId },
  startedAt: span.startedAt,
  endedAt: openEnd(span),
})

const openEnd = (span: Span): Micros | undefined =>
  flag(span, LIFETIME_OPEN) ? undefined : span.endedAt

export const scopeOf = (span: Span): Scope => {
  const close = event(span, SCOPE_CLOSE)
  return {
    kind: "scope",
    ...intervalOf(span),
    name: text(span, SCOPE_NAME) ?? span.name,
    role: oneOf(span, SCOPE_ROLE, scopeRoles) ?? "handler",
    parent: span.parentSpanId,
    closedAt: close?.time ?? openEnd(span),
    exit: oneOf(close, EXIT, exitKinds),
    finalizers: count(close, SCOPE_FINALIZERS) ?? 0,
    closedByFiber: count(close, FIBER_ID),
    code: codeOf(span),
  }
}

const codeOf = (span: Span): CodeLocation | undefined => {
  const name = text(span, CODE_FUNCTION)
  if (name === undefined) return undefined
  return { function: name, file: text(span, CODE_FILE), line: count(span, CODE_LINE) }
}

export const subscriptionOf = (span: Span): Subscription => ({
  kind: "subscription",
  ...intervalOf(span),
  name: text(span, PUBSUB_NAME) ?? span.name,
  owner: {
    name: text(span, SUBSCRIPTION_OWNER) ?? "",
    spanId: id(span, SCOPE_SPAN_ID),
    inExchange: !flag(span, SUBSCRIPTION_OWNER_OUTSIDE),
  },
  releasedBy: id(event(span, SUBSCRIPTION_RELEASED), SCOPE_SPAN_ID),
  finished: flag(span, SUBSCRIPTION_FINISHED),
  sourceEnd: sourceEndOf(event(span, SUBSCRIPTION_SOURCE_END), span.traceId),
  ownerClosed: flag(span, SUBSCRIPTION_OWNER_CLOSED),
  readByFork: flag(span, SUBSCRIPTION_READ_BY_FORK),
  delivered: count(span, SUBSCRIPTION_DELIVERED) ?? 0,
  missedBefore: count(span, SUBSCRIPTION_MISSED_BEFORE) ?? 0,
  missed: count(span, SUBSCRIPTION_MISSED) ?? 0,
  backlogMax: count(span, SUBSCRIPTION_BACKLOG_MAX) ?? 0,
  backlog: count(span, SUBSCRIPTION_BACKLOG) ?? 0,
  capacity: count(span, PUBSUB_CAPACITY),
  replays: flag(span, PUBSUB_REPLAYS),
  fullFor: fromMillis(count(span, SUBSCRIPTION_FULL_FOR) ?? 0),
  unreadPublishAt: event(span, SUBSCRIPTION_UNREAD_PUBLISH)?.time,
  untracedReadAt: event(span, SUBSCRIPTION_UNTRACED_READ)?.time,
})

const sourceEndOf = (found: SpanEvent | undefined, traceId: string): SourceEnd | undefined => {
  const how = oneOf(found, PUBSUB_END, sourceEnds)
  if (found === undefined || how === undefined) return undefined
  const spanId = id(found, SCOPE_SPAN_ID)
  const belongsTo = oneOf(found, SCOPE_BELONGS_TO, belongings)
  return {
    at: found.time,
    how,
    by:
      spanId === undefined || belongsTo === undefined
        ? undefined
        : {
            name: text(found, SCOPE_NAME) ?? "",
            span: { traceId: id(found, SCOPE_TRACE_ID) ?? traceId, spanId },
            belongsTo,
          },
    replaced: flag(found, PUBSUB_REPLACED),
  }
}

export const streamRunOf = (span: Span): StreamRun => {
  const end = event(span, STREAM_END)
  return {
    kind: "stream",
    ...intervalOf(span),
    name: text(span, STREAM_NAME) ?? span.name,
    fiber: count(span, FIBER_ID),
    reads: texts(span, STREAM_READS).map((it) => it.toLowerCase()),
    exit: oneOf(end, EXIT, exitKinds),
    endedBy: oneOf(span, STREAM_ENDED_BY, streamEnds),
    endedBySubscription: id(end, SUBSCRIPTION_SPAN_ID),
    endedByForeign: foreignOf(end),
    cutOff: cutOffOf(event(span, STREAM_CUT_OFF)),
    refused: refusal(span),
    failure: failureOf(span, STREAM_END),
    firstEventAt: event(span, STREAM_FIRST_EVENT)?.time,
    events: count(span, STREAM_EVENTS) ?? 0,
  }
}

const cutOffOf = (found: SpanEvent | undefined): StreamRun["cutOff"] =>
  found === undefined ? undefined : { at: found.time, by: count(found, FIBER_ID) }

const foreignOf = (end: SpanEvent | undefined): StreamRun["endedByForeign"] => {
  const [traceId, spanId] = [id(end, SUBSCRIPTION_TRACE_ID), id(end, SUBSCRIPTION_SPAN_ID)]
  if (traceId === undefined || spanId === undefined) return undefined
  return {
    subscription: { traceId, spanId },
    name: text(end, PUBSUB_NAME) ?? "",
    owner: text(end, SUBSCRIPTION_OWNER) ?? "",
  }
}

const refusal = (span: Span): StreamRun["refused"] => {
  const found = event(span, STREAM_REFUSED)
  const subscription = id(found, SUBSCRIPTION_SPAN_ID)
  return found === undefined || subscription === undefined
    ? undefined
    : { at: found.time, subscription }
}

export const failureOf = (span: Span, eventName: string): Failure | undefined => {
  const found = event(span, eventName)
  const message = text(found, EXCEPTION_MESSAGE)
  if (message === undefined) return undefined
  const type = text(found, EXCEPTION_TYPE) ?? ""
  const defect = found?.attributes[FAILURE_DEFECT]
  return typeof defect === "boolean" ? { type, message, defect } : { type, message }
}

export const clientOf = (span: Span): Client => ({
  kind: "client",
  ...intervalOf(span),
  name: span.name,
  firstByteAt: event(span, CLIENT_FIRST_BYTE)?.time,
  firstEventAt: event(span, CLIENT_FIRST_EVENT)?.time,
  endedBy: oneOf(span, CLIENT_ENDED_BY, clientEnds),
  events: count(span, CLIENT_EVENTS) ?? 0,
  ownEvents: count(span, CLIENT_OWN_EVENTS) ?? 0,
})

export const orphanOf = (span: Span): OrphanFiber => ({
  kind: "fiber",
  ...intervalOf(span),
  name: text(span, FIBER_NAME) ?? span.name,
  id: count(span, FIBER_ID),
})
