import { spanName } from "../../../attributes.ts"
import { codeEvidence } from "../../code-evidence.ts"
import { known } from "../../known-evidence.ts"
import { type Exchange, placeInCode, type StreamRun, type Subscription } from "../../model.ts"
import { quoted } from "../../quoted.ts"
import { scopeOf, subscriptionsOf } from "../../relations.ts"
import type { RuleHit } from "../../rule.ts"
import { isPartOfStop } from "../../stopped-before.ts"
import { capitalized, resourceText, subscriptionText } from "../../subscription-text.ts"
import { type Micros, timesSince } from "../../time.ts"
import { isClosedAtEnd, isClosedOnPurpose, isDeliberate, outcome } from "./stream-end.ts"

/** A closing scope released a subscription that the stream read, or had to read. */
export const releasedSubscription = (
  exchange: Exchange,
  stream: StreamRun,
  streamEnd: Micros,
): RuleHit | undefined => {
  const { endedBy, refused } = stream
  if (endedBy !== undefined && endedBy !== "released" && refused === undefined) return undefined
  for (const subscription of subscriptionsOf(exchange, concernedBy(stream))) {
    const held = judgeRelease(exchange, stream, streamEnd, subscription)
    if (held !== undefined) return held
  }
  return undefined
}

const concernedBy = ({ reads, endedBySubscription, refused }: StreamRun): ReadonlyArray<string> =>
  [endedBySubscription, refused?.subscription].every((id) => id === undefined || reads.includes(id))
    ? reads
    : [...reads, endedBySubscription, refused?.subscription].filter((id) => id !== undefined)

const judgeRelease = (
  exchange: Exchange,
  stream: StreamRun,
  streamEnd: Micros,
  subscription: Subscription,
): RuleHit | undefined => {
  const { owner } = subscription
  const ended =
    stream.endedBy === "released" && stream.endedBySubscription === subscription.span.spanId
  const suggested = timesSuggest(exchange, stream, streamEnd, subscription)
  const met = stream.refused?.subscription === subscription.span.spanId
  // Most streams and subscriptions of an exchange have nothing to do with each other.
  if (subscription.endedAt === undefined || !(ended || met || suggested)) return undefined
  const closer = scopeOf(exchange, subscription.releasedBy)
  const untraced = owner.inExchange || owner.spanId === undefined
  if (closer === undefined && (!untraced || subscription.endedWithProgram)) return undefined
  if (closer?.enteredClosed === true && isPartOfStop(exchange, closer.startedAt)) return undefined
  // A fiber that is interrupted also closes scopes under readers. Those do not count.
  const refused =
    met &&
    stream.refused !== undefined &&
    stream.refused.at < streamEnd &&
    closer !== undefined &&
    closer.exit !== "interrupt"
  if (!ended && !refused && !suggested) return undefined
  if (isClosedOnPurpose(exchange, closer) || isClosedAtEnd(stream, closer)) return undefined
  const closedAt = closer?.closedAt ?? subscription.endedAt
  const { millis, text } = timesSince(exchange.startedAt)
  const name = closer?.name ?? owner.name
  const isUntraced = closer === undefined && !owner.inExchange
  const scopeName = isUntraced
    ? "An untraced scope"
    : `${capitalized(quoted("scope", name))}${closer === undefined ? "" : placeInCode(closer)}`
  const closed =
    closer?.enteredClosed === true
      ? `had closed before ${exchange.route} entered it at ${text(closer.startedAt)},`
      : `closed at ${text(closedAt)}`
  return {
    confidence:
      (ended || refused) && closer !== undefined && !isDeliberate(exchange, closer)
        ? "certain"
        : "likely",
    operation: isUntraced ? name : spanName.scope(name),
    message:
      `${scopeName} ${closed} and released ${subscriptionText(subscription)} while ` +
      `stream "${stream.name}" ${readerState(exchange, stream, closedAt)}; ` +
      `${outcome(exchange, stream, streamEnd)}.`,
    evidence: {
      scope: name,
      "scope.closed_ms": millis(closedAt),
      resource: resourceText(subscription),
      "resource.released_ms": millis(subscription.endedAt),
      stream: stream.name,
      "stream.started_ms": millis(stream.startedAt),
      "stream.ended_ms": millis(streamEnd),
      ...known({ "stream.exit": stream.exit }),
      "resource.delivered": subscription.delivered,
      ...(closer === undefined ? {} : codeEvidence(closer.code)),
    },
    stream: stream.span.spanId,
    spanIds: [
      ...(closer === undefined ? [] : [closer.span.spanId]),
      subscription.span.spanId,
      stream.span.spanId,
    ],
  }
}

const readerState = (exchange: Exchange, stream: StreamRun, closedAt: Micros): string => {
  if (stream.startedAt < closedAt) return "was still reading it"
  // Under a clock that stands still, as in a test, nobody can know which of the two was first.
  if (stream.startedAt === closedAt) return "needed it"
  const began = timesSince(exchange.startedAt).text(stream.startedAt)
  return `had not yet begun to read it (it began at ${began})`
}

/** A released subscription and a finished one end a stream in the same way, so times say no more than this. */
const timesSuggest = (
  exchange: Exchange,
  stream: StreamRun,
  streamEnd: Micros,
  subscription: Subscription,
): boolean =>
  stream.endedBy === undefined &&
  stream.exit === "success" &&
  exchange.endedBy !== "client" &&
  exchange.endedBy !== "shutdown" &&
  stream.reads.includes(subscription.span.spanId) &&
  !subscription.finished &&
  subscription.endedAt !== undefined &&
  subscription.endedAt < streamEnd
