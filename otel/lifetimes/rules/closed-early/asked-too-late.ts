import { spanName } from "../../../attributes.ts"
import { codeEvidence } from "../../code-evidence.ts"
import { type Exchange, placeInCode, type Scope, type Subscription } from "../../model.ts"
import { quoted } from "../../quoted.ts"
import { scopeOf } from "../../relations.ts"
import { type Moment, notYetUnless, type RuleHit, type Verdict } from "../../rule.ts"
import { isCall, isHttp } from "../../spans/exchange-name.ts"
import { capitalized, resourceText, subscriptionText } from "../../subscription-text.ts"
import { type Micros, timesSince } from "../../time.ts"

/**
 * A call or a WebSocket has no body apart from its handler. A nested scope released a subscription, and the
 * exchange asked for messages afterwards: a call ended then, and a socket was open and sent nothing.
 */
export const askedTooLate = (
  exchange: Exchange,
  subscription: Subscription,
  moment: Moment,
): Verdict => {
  const { route, endedAt, endedBy, clientLeftAt } = exchange
  const { endedAt: releasedAt, releasedBy, untracedReadAt: askedAt, shared } = subscription
  if (releasedAt === undefined || askedAt === undefined || askedAt < releasedAt) return []
  if (isHttp(route) || shared || endedBy === "shutdown") return []
  const closer = scopeOf(exchange, releasedBy)
  // A forked scope may be closed by itself; and everything that an interrupt closes ends.
  if (closer?.role !== "handler" || closer.exit === "interrupt") return []
  const hit = describe(exchange, subscription, closer, releasedAt, askedAt)
  if (isCall(route)) {
    if (endedAt === undefined) return notYetUnless(moment)
    return endedBy === "server" ? [hit] : []
  }
  const openUntil = clientLeftAt ?? endedAt ?? moment.now
  if (openUntil - askedAt > moment.grace) return [hit]
  return endedAt === undefined ? notYetUnless(moment, askedAt + moment.grace) : []
}

const describe = (
  exchange: Exchange,
  subscription: Subscription,
  closer: Scope,
  releasedAt: Micros,
  askedAt: Micros,
): RuleHit => {
  const { millis, text } = timesSince(exchange.startedAt)
  const closedAt = closer.closedAt ?? releasedAt
  return {
    confidence: "likely", // it may have asked for something else, too
    operation: spanName.scope(closer.name),
    message:
      `${capitalized(quoted("scope", closer.name))}${placeInCode(closer)} closed at ${text(closedAt)} and ` +
      `released ${subscriptionText(subscription)}, which ${exchange.route} asked for messages at ` +
      `${text(askedAt)}: it got none.`,
    evidence: {
      scope: closer.name,
      "scope.closed_ms": millis(closedAt),
      resource: resourceText(subscription),
      "resource.released_ms": millis(releasedAt),
      "resource.asked_ms": millis(askedAt),
      "resource.delivered": subscription.delivered,
      ...codeEvidence(closer.code),
    },
    stream: undefined,
    spanIds: [closer.span.spanId, subscription.span.spanId],
  }
}
