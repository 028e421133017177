import { spanName } from "../../../attributes.ts"
import { codeEvidence } from "../../code-evidence.ts"
import type { CodeLocation, Exchange, StreamRun } from "../../model.ts"
import { quoted } from "../../quoted.ts"
import { readBy } from "../../relations.ts"
import type { Moment, RuleHit } from "../../rule.ts"
import { pubsubText, subscriptionText } from "../../subscription-text.ts"
import { formatMillis, type Micros, millisBetween, timesSince } from "../../time.ts"

/** What took the stream's upstream away, and when. */
interface Owner {
  readonly operation: string
  readonly scope: string
  readonly traceId: string
  readonly upstream: string
  readonly at: Micros
  readonly code: CodeLocation | undefined
  readonly spanIds: ReadonlyArray<string>
}

export const takenUpstream = (
  exchange: Exchange,
  stream: StreamRun,
  { grace }: Moment,
): ReadonlyArray<RuleHit> => {
  const { endedAt, endedBy } = stream
  if (endedAt === undefined || endedBy === "client" || endedBy === "shutdown") return []
  const owner =
    foreignRelease(stream, endedAt) ??
    foreignQueue(stream) ??
    foreignShutdown(exchange, stream, endedAt, grace)
  if (owner === undefined) return []
  const { millis, text } = timesSince(exchange.startedAt)
  const closed =
    owner.at < exchange.startedAt
      ? `had closed ${formatMillis(millisBetween(owner.at, exchange.startedAt))} before ${exchange.route} began`
      : `closed at ${text(owner.at)}, while this client was still connected`
  return [
    {
      confidence: "certain",
      operation: owner.operation,
      message:
        `Stream "${stream.name}" ended at ${text(endedAt)} because ${owner.upstream}, which it ` +
        `read, belonged to ${quoted("scope", owner.scope)} of another exchange (trace ${owner.traceId}): ` +
        `that one ${closed}.`,
      evidence: {
        stream: stream.name,
        "stream.ended_ms": millis(endedAt),
        upstream: owner.upstream,
        "upstream.ended_ms": millis(owner.at),
        "owner.scope": owner.scope,
        "owner.trace": owner.traceId,
        ...codeEvidence(owner.code),
      },
      stream: stream.span.spanId,
      spanIds: [...owner.spanIds, stream.span.spanId],
    },
  ]
}

const foreignRelease = (
  { endedBy, endedByForeign }: StreamRun,
  endedAt: Micros,
): Owner | undefined =>
  endedBy !== "released" ||
  endedByForeign === undefined ||
  endedByForeign.belongsTo === "the program"
    ? undefined
    : {
        operation: spanName.scope(endedByForeign.owner),
        scope: endedByForeign.owner,
        traceId: endedByForeign.subscription.traceId,
        upstream: subscriptionText(endedByForeign),
        at: endedAt - (endedByForeign.releasedFor ?? 0),
        code: endedByForeign.code,
        spanIds: [],
      }

/** Another exchange was over, and shut the queue down with a scope of its own. */
const foreignQueue = ({ shutQueue }: StreamRun): Owner | undefined =>
  shutQueue?.by?.belongsTo !== "another exchange"
    ? undefined
    : {
        operation: spanName.scope(shutQueue.by.name),
        scope: shutQueue.by.name,
        traceId: shutQueue.by.span.traceId,
        upstream: "a queue",
        at: shutQueue.at,
        code: shutQueue.code,
        spanIds: [],
      }

/**
 * A stream that goes on to something else, or that fails, ends for another reason. One that begins too late ends
 * as soon as it subscribes.
 */
const foreignShutdown = (
  exchange: Exchange,
  stream: StreamRun,
  endedAt: Micros,
  grace: Micros,
): Owner | undefined => {
  if (stream.exit !== "success") return undefined
  for (const { span, name, sourceEnd, startedAt } of readBy(exchange, stream)) {
    if (sourceEnd?.how !== "shutdown" || sourceEnd.byReader) continue
    const { at, by } = sourceEnd
    const noticedAt = Math.max(at, startedAt, stream.startedAt)
    if (by?.belongsTo !== "another exchange" || at > endedAt || endedAt - noticedAt > grace)
      continue
    return {
      operation: spanName.scope(by.name),
      scope: by.name,
      traceId: by.span.traceId,
      upstream: pubsubText({ name }),
      at,
      code: sourceEnd.code,
      spanIds: [span.spanId],
    }
  }
  return undefined
}
