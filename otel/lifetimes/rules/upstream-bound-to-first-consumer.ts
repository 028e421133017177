import { spanName } from "../../attributes.ts"
import type { Exchange, StreamRun } from "../model.ts"
import { quoted } from "../quoted.ts"
import { type Moment, ofEach, type Rule, type RuleHit } from "../rule.ts"
import { endOfStream } from "../shown-by.ts"
import { pubsubText, subscriptionText } from "../subscription-text.ts"
import { type Micros, timesSince } from "../time.ts"

export const upstreamBoundToFirstConsumer: Rule<"upstream-bound-to-first-consumer"> = {
  name: "upstream-bound-to-first-consumer",
  severity: "error",
  symptom: "When one client leaves, the streams of other clients end too.",
  summary: "A shared upstream is owned by another exchange, and ends with it.",
  meaning: `What the stream read was owned by a scope of *another* exchange: a PubSub that this scope
shut down, or a subscription that it released. When that exchange ended, so did this stream, although
its own client was still there. Exchanges that end together because the program stops are healthy, and
so is an upstream that a scope of the program owns.`,
  suggestion: `Let the program own what requests share; the first request only happens to need it first:

  class Relay extends Context.Service<
    Relay,
    PubSub.PubSub<Event>
  >()("Relay") {
    // its scope is the Layer's
    static readonly layer = Layer.effect(Relay, makeRelay)
  }

Where it should live only while somebody reads it, count readers: RcRef.make({ acquire: makeRelay }).`,
  incidents: [
    {
      title: "Effect #3187",
      url: "https://github.com/Effect-TS/effect/issues/3187",
      story:
        "A fiber started with `forkScoped` by the first run of a shared stream belonged to that " +
        "run's scope, and stopped for everybody when it ended: works as designed, and catches people.",
    },
  ],
  shownBy: endOfStream,
  judge: (exchange, moment) =>
    exchange.endedBy === "client" || exchange.endedBy === "shutdown"
      ? []
      : ofEach(exchange.streams, judgeStream, exchange, moment),
}

/** What took the stream's upstream away, and when. */
interface Owner {
  readonly operation: string
  readonly scope: string
  readonly traceId: string
  readonly upstream: string
  readonly at: Micros
  readonly spanIds: ReadonlyArray<string>
}

const judgeStream = (
  exchange: Exchange,
  stream: StreamRun,
  { grace }: Moment,
): ReadonlyArray<RuleHit> => {
  const { endedAt, endedBy } = stream
  if (endedAt === undefined || endedBy === "client" || endedBy === "shutdown") return []
  const owner = foreignRelease(stream, endedAt) ?? foreignShutdown(exchange, stream, endedAt, grace)
  if (owner === undefined) return []
  const { millis, text } = timesSince(exchange.startedAt)
  return [
    {
      confidence: "certain",
      operation: owner.operation,
      message:
        `Stream "${stream.name}" ended at ${text(endedAt)} because ${owner.upstream}, which it ` +
        `read, belonged to ${quoted("scope", owner.scope)} of another exchange (trace ${owner.traceId}): ` +
        `that one closed at ${text(owner.at)}, while this client was still connected.`,
      evidence: {
        stream: stream.name,
        "stream.ended_ms": millis(endedAt),
        upstream: owner.upstream,
        "upstream.ended_ms": millis(owner.at),
        "owner.scope": owner.scope,
        "owner.trace": owner.traceId,
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
        at: endedAt,
        spanIds: [],
      }

/** A stream that goes on to something else, or that fails, ends for another reason. */
const foreignShutdown = (
  exchange: Exchange,
  { reads, exit }: StreamRun,
  endedAt: Micros,
  grace: Micros,
): Owner | undefined => {
  if (exit !== "success") return undefined
  for (const { span, name, sourceEnd } of exchange.subscriptions) {
    if (!reads.includes(span.spanId) || sourceEnd?.how !== "shutdown") continue
    const { at, by } = sourceEnd
    if (by?.belongsTo !== "another exchange" || at > endedAt || endedAt - at > grace) continue
    return {
      operation: spanName.scope(by.name),
      scope: by.name,
      traceId: by.span.traceId,
      upstream: pubsubText({ name }),
      at,
      spanIds: [span.spanId],
    }
  }
  return undefined
}
