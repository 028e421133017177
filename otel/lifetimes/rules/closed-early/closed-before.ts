/** A scope had closed when the exchange or its body began, and had released what that had to read. */
import { spanName } from "../../../attributes.ts"
import { codeEvidence } from "../../code-evidence.ts"
import { known } from "../../known-evidence.ts"
import {
  type Exchange,
  placeInCode,
  type Scope,
  type StreamRun,
  type Subscription,
} from "../../model.ts"
import { quoted } from "../../quoted.ts"
import { readBy, scopeOf } from "../../relations.ts"
import type { RuleHit } from "../../rule.ts"
import { isPartOfStop } from "../../stopped-before.ts"
import { capitalized, pubsubText, resourceText, subscriptionText } from "../../subscription-text.ts"
import { formatMillis, type Micros, millisBetween, timesSince } from "../../time.ts"
import { endedWithSource, outcome } from "./stream-end.ts"

/** Work of the program had acquired it, and its scope had closed when the request came, or before the body began. */
export const releasedBefore = (
  exchange: Exchange,
  stream: StreamRun,
  streamEnd: Micros,
  { name, owner, code, releasedFor = 0, subscription }: NonNullable<StreamRun["endedByForeign"]>,
): RuleHit => {
  const { millis, text } = timesSince(exchange.startedAt)
  const releasedAt = streamEnd - releasedFor
  const isBefore = releasedAt <= exchange.startedAt
  const closed = isBefore
    ? `had closed ${formatMillis(millisBetween(releasedAt, exchange.startedAt))} before ${exchange.route} began, and`
    : `closed at ${text(releasedAt)} and`
  return {
    confidence: isBefore ? "certain" : "likely", // another request may have ended it just then
    operation: spanName.scope(owner),
    message:
      `${capitalized(quoted("scope", owner))} of the program ${closed} released ` +
      `${subscriptionText({ name })}, which stream "${stream.name}" had to read; ` +
      `${outcome(exchange, stream, streamEnd)}.`,
    evidence: {
      scope: owner,
      "scope.closed_ms": millis(releasedAt),
      resource: resourceText({ name }),
      "resource.trace": subscription.traceId,
      ...codeEvidence(code),
      stream: stream.name,
      "stream.started_ms": millis(stream.startedAt),
      "stream.ended_ms": millis(streamEnd),
      ...known({ "stream.exit": stream.exit }),
    },
    stream: stream.span.spanId,
    spanIds: [stream.span.spanId],
  }
}

/** Scopes that had closed before the exchange or its body began had shut down all that the stream reads. */
export const sourceShutDownBefore = (
  exchange: Exchange,
  stream: StreamRun,
  streamEnd: Micros,
): RuleHit | undefined => {
  const shut = shutDownBefore(exchange, stream)
  return shut && describeShutDown(exchange, stream, streamEnd, shut)
}

interface ShutDown {
  readonly subscription: Subscription
  readonly at: Micros
  readonly by: NonNullable<NonNullable<Subscription["sourceEnd"]>["by"]>
}

const shutDownBefore = (exchange: Exchange, stream: StreamRun): ShutDown | undefined => {
  if (stream.reads.length === 0 || !endedWithSource(stream)) return undefined
  let last: ShutDown | undefined
  const subscriptions = readBy(exchange, stream)
  if (subscriptions.length < stream.reads.length) return undefined // some belong to others
  for (const subscription of subscriptions) {
    const { sourceEnd, endedWithProgram } = subscription
    if (endedWithProgram) return undefined // then it was still read when the program stopped
    if (sourceEnd?.how !== "shutdown" || sourceEnd.by === undefined) return undefined
    const { at, by } = sourceEnd
    if (!isBefore(exchange, at, by)) return undefined
    last = { subscription, at, by }
  }
  return last
}

/** A handler that shuts something down before it returns the body does not do so on purpose. */
const isBefore = (exchange: Exchange, at: Micros, by: ShutDown["by"]): boolean => {
  if (by.belongsTo === "the program") {
    return at < exchange.startedAt && !isPartOfStop(exchange, at)
  }
  const closer = closerIn(exchange, by)
  return (
    closer?.role === "handler" &&
    closer.exit !== "interrupt" &&
    exchange.handlerReturnedAt !== undefined &&
    at < exchange.handlerReturnedAt
  )
}

const closerIn = (exchange: Exchange, { belongsTo, span }: ShutDown["by"]): Scope | undefined =>
  belongsTo === "this exchange" ? scopeOf(exchange, span.spanId) : undefined

const describeShutDown = (
  exchange: Exchange,
  stream: StreamRun,
  streamEnd: Micros,
  { subscription, at, by }: ShutDown,
): RuleHit => {
  const { millis, text } = timesSince(exchange.startedAt)
  const closer = closerIn(exchange, by)
  const closed =
    closer === undefined
      ? ` of the program had closed ${formatMillis(millisBetween(at, exchange.startedAt))} before ` +
        `${exchange.route} began,`
      : `${placeInCode(closer)} closed at ${text(at)}`
  return {
    confidence: "certain",
    operation: spanName.scope(by.name),
    message:
      `${capitalized(quoted("scope", by.name))}${closed} and shut ` +
      `${pubsubText(subscription)} down, which stream "${stream.name}" had to read; ` +
      `${outcome(exchange, stream, streamEnd)}.`,
    evidence: {
      scope: by.name,
      "scope.closed_ms": millis(at),
      resource: resourceText(subscription),
      ...(closer === undefined ? { "owner.trace": by.span.traceId } : {}),
      ...codeEvidence(closer?.code ?? subscription.code),
      stream: stream.name,
      "stream.started_ms": millis(stream.startedAt),
      "stream.ended_ms": millis(streamEnd),
      ...known({ "stream.exit": stream.exit }),
    },
    stream: stream.span.spanId,
    spanIds: [
      ...(closer === undefined ? [] : [closer.span.spanId]),
      subscription.span.spanId,
      stream.span.spanId,
    ],
  }
}
