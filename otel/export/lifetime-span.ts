import { spanName } from "../attributes.ts"
import type { LifetimeRecord, Parent } from "../instrument/records/record.ts"
import type { Attributes, SpanEvent, SpanLink, SpanReference } from "../lifetimes/span.ts"
import { fiberSpan } from "../lifetimes/spans/fiber.ts"
import type { Draft } from "../lifetimes/spans/field.ts"
import { finalizerSpan } from "../lifetimes/spans/finalizer.ts"
import { queueSpan } from "../lifetimes/spans/queue.ts"
import { scopeSpan } from "../lifetimes/spans/scope.ts"
import { streamSpan } from "../lifetimes/spans/stream.ts"
import { subscriptionSpan } from "../lifetimes/spans/subscription.ts"
import type { Micros } from "../lifetimes/time.ts"

/** A span that is complete but not yet the SDK's. */
export interface LifetimeSpan {
  readonly span: SpanReference
  readonly parent: Parent | undefined
  readonly name: string
  readonly startedAt: Micros
  readonly endedAt: Micros
  readonly attributes: Attributes
  readonly events: ReadonlyArray<SpanEvent>
  readonly links: ReadonlyArray<SpanLink>
  /** The sentence of a finding of severity `error`. */
  readonly error: string | undefined
}

/** The span of a lifetime. One that has not ended is drawn to its span's end and marked as open. */
export const lifetimeSpan = (record: LifetimeRecord, now: Micros): LifetimeSpan => {
  const { attributes, events, links, error } = written(record)
  return {
    span: record.span,
    parent: record.parentSpan,
    name: spanName[record.kind](record.name),
    startedAt: record.startedAt,
    endedAt: record.endedAt ?? now,
    attributes,
    events,
    links,
    error,
  }
}

const written = (record: LifetimeRecord): Draft => {
  switch (record.kind) {
    case "scope":
      return scopeSpan.write(record, record.span)
    case "subscription":
      return subscriptionSpan.write(record, record.span)
    case "queue":
      return queueSpan.write(record, record.span)
    case "stream":
      return streamSpan.write(record, record.span)
    case "fiber":
      return fiberSpan.write(record, record.span)
    case "finalizer":
      return finalizerSpan.write(record, record.span)
  }
}
