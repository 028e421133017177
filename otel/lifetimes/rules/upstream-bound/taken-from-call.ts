import { spanName } from "../../../attributes.ts"
import type { Exchange, Subscription } from "../../model.ts"
import { quoted } from "../../quoted.ts"
import type { Moment, RuleHit } from "../../rule.ts"
import { isCall } from "../../spans/exchange-name.ts"
import { pubsubText } from "../../subscription-text.ts"
import { timesSince } from "../../time.ts"

/** A call has no body: it ended as soon as another exchange had shut down the PubSub to which it was subscribed. */
export const takenFromCall = (
  { route, startedAt, endedAt, endedBy, failed, streams }: Exchange,
  { name, sourceEnd, span }: Subscription,
  { grace }: Moment,
): ReadonlyArray<RuleHit> => {
  if (!isCall(route) || streams.length > 0 || endedAt === undefined) return []
  if (endedBy !== "server" || failed === true || sourceEnd?.how !== "shutdown") return []
  if (sourceEnd.byReader) return []
  const { at, by } = sourceEnd
  if (by?.belongsTo !== "another exchange" || endedAt - at > grace) return []
  const { millis, text } = timesSince(startedAt)
  const upstream = pubsubText({ name })
  return [
    {
      confidence: "likely", // it may have ended by itself
      operation: spanName.scope(by.name),
      message:
        `${route} ended at ${text(endedAt)}, as soon as ${upstream}, to which it was subscribed, had been shut ` +
        `down: that belonged to ${quoted("scope", by.name)} of another exchange (trace ${by.span.traceId}), which ` +
        `closed at ${text(at)}, while this client was still connected.`,
      evidence: {
        "exchange.ended_ms": millis(endedAt),
        upstream,
        "upstream.ended_ms": millis(at),
        "owner.scope": by.name,
        "owner.trace": by.span.traceId,
      },
      stream: undefined,
      spanIds: [span.spanId],
    },
  ]
}
