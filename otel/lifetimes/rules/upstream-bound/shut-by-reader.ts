import { spanName } from "../../../attributes.ts"
import { codeEvidence } from "../../code-evidence.ts"
import type { Exchange, StreamRun, Subscription } from "../../model.ts"
import { quoted } from "../../quoted.ts"
import { readBy } from "../../relations.ts"
import type { Moment, RuleHit } from "../../rule.ts"
import { isCall } from "../../spans/exchange-name.ts"
import { pubsubText } from "../../subscription-text.ts"
import { formatMillis, type Micros, millisBetween, timesSince } from "../../time.ts"

/** The program made what all read, and whoever reads it shuts it down when its own exchange is over. */
export const shutByReader = (
  exchange: Exchange,
  stream: StreamRun,
  { grace }: Moment,
): ReadonlyArray<RuleHit> => {
  const { endedAt, endedBy, exit, startedAt } = stream
  if (endedAt === undefined || endedBy === "client" || endedBy === "shutdown") return []
  if (exit !== "success") return [] // it failed for another reason
  const shut = readBy(exchange, stream).find((subscription) =>
    endsWith(subscription, startedAt, endedAt, grace),
  )
  return shut === undefined ? [] : describe(exchange, stream, shut, endedAt)
}

/** The same for a call, which has no body. */
export const shutByReaderOfCall = (
  exchange: Exchange,
  subscription: Subscription,
  { grace }: Moment,
): ReadonlyArray<RuleHit> => {
  const { route, startedAt, endedAt, endedBy, failed, streams } = exchange
  if (!isCall(route) || streams.length > 0 || endedAt === undefined) return []
  if (endedBy !== "server" || failed === true) return []
  return endsWith(subscription, startedAt, endedAt, grace)
    ? describe(exchange, undefined, subscription, endedAt)
    : []
}

/** Whether a reader ends as soon as it can after its PubSub was shut down, perhaps before it began to read. */
const endsWith = (
  { sourceEnd, startedAt }: Subscription,
  readerStartedAt: Micros,
  endedAt: Micros,
  grace: Micros,
): boolean => {
  if (sourceEnd?.byReader !== true || sourceEnd.how !== "shutdown") return false
  if (sourceEnd.at > endedAt) return false
  return endedAt - Math.max(sourceEnd.at, startedAt, readerStartedAt) <= grace
}

const describe = (
  exchange: Exchange,
  stream: StreamRun | undefined,
  { name, code, span, sourceEnd, startedAt }: Subscription,
  endedAt: Micros,
): ReadonlyArray<RuleHit> => {
  const by = sourceEnd?.by
  if (sourceEnd === undefined) return []
  const { at } = sourceEnd
  const { millis, text } = timesSince(exchange.startedAt)
  const upstream = pubsubText({ name })
  const reader = stream === undefined ? exchange.route : `Stream "${stream.name}"`
  const isLate = at < startedAt
  const wasShut = isLate
    ? `had been shut down ${formatMillis(millisBetween(at, startedAt))} before it subscribed`
    : `was shut down at ${text(at)}, while this client was still connected`
  const taker =
    by === undefined
      ? "the body of another exchange, which had read it too, did that when it ended"
      : `${quoted("scope", by.name)} of another exchange (trace ${by.span.traceId}), which had read it too, ` +
        "did that when it closed"
  return [
    {
      confidence: "likely", // it may be intended
      suggestion,
      operation: by === undefined ? spanName.subscription(name) : spanName.scope(by.name),
      message:
        `${reader} ended at ${text(endedAt)} because ${upstream} of the program ${wasShut}: ${taker}` +
        `${isLate ? "" : ", and this exchange does the same"}.`,
      evidence: {
        ...(stream === undefined
          ? { "exchange.ended_ms": millis(endedAt) }
          : { stream: stream.name, "stream.ended_ms": millis(endedAt) }),
        upstream,
        "upstream.ended_ms": millis(at),
        ...(by === undefined ? {} : { "owner.scope": by.name, "owner.trace": by.span.traceId }),
        ...codeEvidence(code),
      },
      stream: stream?.span.spanId,
      spanIds: [span.spanId, ...(stream === undefined ? [] : [stream.span.spanId])],
    },
  ]
}

const suggestion = `Let a request end only what it made itself. Its own subscription ends with its scope, without a finalizer:

  // in the handler, and no PubSub.shutdown(bus), also not in Stream.ensuring
  const subscription = yield* PubSub.subscribe(bus)

The program shuts the PubSub down when it stops: make it in a Layer.

  const makeBus = Effect.acquireRelease(
    PubSub.sliding<Event>(64),
    PubSub.shutdown
  )`
