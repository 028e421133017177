/** The span of a record: whether it gets one, its ids, and its parent. */
import type {
  ExchangeRecord,
  LifetimeRecord,
  Parent,
  ScopeRecord,
  SubscriptionRecord,
} from "./record.ts"

/**
 * An ordinary request shows no scopes. Its scopes are shown if it streams, holds something, was asked for, or
 * has a finding.
 */
export const isWorthSpans = ({
  shown,
  streams,
  subscriptions,
  orphans,
  matches,
}: ExchangeRecord): boolean =>
  shown || streams.length + subscriptions.length + orphans.length + matches.length > 0

/**
 * Of the program's scopes: those that were asked for, those that another span names, and those that held
 * something under a span. Of its subscriptions: those with a name, and those that another span names.
 */
export const isWorthASpan = (record: LifetimeRecord): boolean => {
  if (record.kind === "subscription") return isOfInterest(record) || record.isNamed
  if (record.kind !== "scope" || record.asked || record.isNamed) return true
  return record.exchange === undefined && record.parentSpan !== undefined && record.finalizers > 0
}

/** A program subscribes to much that has nothing to do with its exchanges. */
export const isOfInterest = ({
  exchange,
  pubsub,
}: Pick<SubscriptionRecord, "exchange" | "pubsub">): boolean =>
  exchange !== undefined || pubsub.given !== undefined

const bytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"))

const digits8 = (): string => {
  const random = Math.random() * 0x1_0000_0000
  return (
    `${bytes[random >>> 24]}${bytes[(random >>> 16) & 255]}` +
    `${bytes[(random >>> 8) & 255]}${bytes[random & 255]}`
  )
}

/** Random ids in the form that OpenTelemetry wants; uniqueness matters here, secrecy does not. */
export const makeSpanId = (): string => digits8() + digits8()

export const makeTraceId = (): string => makeSpanId() + makeSpanId()

/** For children of the span of an exchange, or of another span that belongs to it. */
export const parentOf = (
  { span, sampled, serverSpan }: ExchangeRecord,
  { traceId, spanId } = span,
): Parent => ({ traceId, spanId, sampled, startTime: serverSpan.status.startTime })

/** The parent of a lifetime is the scope that it lives in, or else its exchange. */
export const parentSpan = (
  exchange: ExchangeRecord | undefined,
  scope: ScopeRecord | undefined,
): Parent | undefined => {
  const above = scope !== undefined && scope.exchange === exchange ? scope : exchange
  if (above === undefined) return undefined
  return exchange === undefined
    ? { ...above.span, sampled: true, startTime: scope?.parentSpan?.startTime }
    : parentOf(exchange, above.span)
}
