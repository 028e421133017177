import { spanName } from "../../../attributes.ts"
import { codeEvidence } from "../../code-evidence.ts"
import { known } from "../../known-evidence.ts"
import type { Exchange, FeederFailure, Queue, StreamRun, Subscription } from "../../model.ts"
import { judgeOpenSince } from "../../open-since.ts"
import { quoted } from "../../quoted.ts"
import { isOver, queuesReadBy, readBy } from "../../relations.ts"
import type { Moment, RuleHit, Verdict } from "../../rule.ts"
import { pubsubText, queueText } from "../../subscription-text.ts"
import { formatMillis, millisBetween, timesSince } from "../../time.ts"

/** The handler of a web runtime ended before its body, together with the child that had to feed the body. */
export const stoppedWithHandler = (
  exchange: Exchange,
  stream: StreamRun,
  moment: Moment,
): Verdict => {
  const stopped = lastToBeStopped(exchange, stream)
  if (stopped === undefined) return []
  const since = Math.max(stopped.feeder.at, stream.startedAt)
  return judgeOpenSince(exchange, stream, since, moment, (openUntil) =>
    describe(exchange, stream, stopped, millisBetween(since, openUntil)),
  )
}

interface Stopped {
  readonly source: Subscription | Queue
  readonly feeder: FeederFailure
}

/** Of all that the stream reads; none if something else may still feed it. */
const lastToBeStopped = (exchange: Exchange, stream: StreamRun): Stopped | undefined => {
  const subscriptions = readBy(exchange, stream)
  if (subscriptions.length < stream.reads.length) return undefined // some belong to others
  let last: Stopped | undefined
  for (const source of [...subscriptions, ...queuesReadBy(exchange, stream)]) {
    if (source.withinStream) continue
    const { feederFailed: feeder } = source
    if (feeder?.stoppedWith !== exchange.span.traceId || isOver(source)) return undefined
    // When the client leaves, everything ends.
    if (exchange.clientLeftAt !== undefined && exchange.clientLeftAt <= feeder.at) return undefined
    if (last === undefined || last.feeder.at < feeder.at) last = { source, feeder }
  }
  return last
}

const describe = (
  exchange: Exchange,
  stream: StreamRun,
  { source, feeder }: Stopped,
  openFor: number,
): RuleHit => {
  const { millis, text } = timesSince(exchange.startedAt)
  const what = source.kind === "queue" ? queueText(source) : pubsubText(source)
  return {
    confidence: "likely", // something outside of the exchange may feed it later
    suggestion,
    operation: spanName.fiber(feeder.name),
    message:
      `Stream "${stream.name}" was open for ${formatMillis(openFor)} without an event from ${what}: the handler ended ` +
      `at ${text(feeder.at)}, and stopped ${quoted("fiber", feeder.name)}, its child. Nothing else has fed the stream.`,
    evidence: {
      stream: stream.name,
      fiber: feeder.name,
      ...known({ "fiber.id": feeder.id }),
      "fiber.stopped_ms": millis(feeder.at),
      ...codeEvidence(feeder.code),
      "source.kind": source.kind,
    },
    stream: stream.span.spanId,
    spanIds: [source.span.spanId, stream.span.spanId],
  }
}

const suggestion = `A child ends with the fiber that has forked it. As a web handler that is as soon as the response is made.
Give the fiber to the scope of the request, which is open until the body has ended:

  // not Effect.forkChild
  yield* Effect.forkScoped(feed(queue))`
