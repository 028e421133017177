import { spanName } from "../../../attributes.ts"
import { codeEvidence } from "../../code-evidence.ts"
import { known } from "../../known-evidence.ts"
import type { Exchange, FeederFailure, StreamRun, Subscription } from "../../model.ts"
import { judgeOpenSince } from "../../open-since.ts"
import { quoted } from "../../quoted.ts"
import { readBy } from "../../relations.ts"
import type { Moment, RuleHit, Verdict } from "../../rule.ts"
import { formatMillis, millisBetween, timesSince } from "../../time.ts"

/** The stream is open, and only a fiber that was started for another exchange had fed it. */
export const stoppedFeeder = (exchange: Exchange, stream: StreamRun, moment: Moment): Verdict => {
  const stopped = lastToBeStopped(exchange, stream)
  if (stopped === undefined) return []
  const { feeder, subscription } = stopped
  const since = Math.max(feeder.at, stream.startedAt, subscription.startedAt)
  return judgeOpenSince(exchange, stream, since, moment, (openUntil) =>
    describeFeed(exchange, stream, stopped, millisBetween(since, openUntil)),
  )
}

interface StoppedFeeder {
  readonly subscription: Subscription
  readonly feeder: FeederFailure
}

/** Of all that a stream reads; none if something else still feeds it. */
const lastToBeStopped = (exchange: Exchange, stream: StreamRun): StoppedFeeder | undefined => {
  const subscriptions = readBy(exchange, stream)
  if (subscriptions.length < stream.reads.length) return undefined // some belong to others
  let last: StoppedFeeder | undefined
  for (const subscription of subscriptions) {
    const { feederFailed: feeder, sourceEnd } = subscription
    if (feeder?.stoppedWith === undefined || sourceEnd !== undefined) return undefined
    if (feeder.stoppedWith === exchange.span.traceId) return undefined
    if (last === undefined || last.feeder.at < feeder.at) last = { subscription, feeder }
  }
  return last
}

const describeFeed = (
  exchange: Exchange,
  stream: StreamRun,
  { subscription, feeder }: StoppedFeeder,
  openFor: number,
): RuleHit => {
  const { millis, text } = timesSince(exchange.startedAt)
  return {
    confidence: "likely", // the next request may start another
    operation: spanName.fiber(feeder.name),
    message:
      `Stream "${stream.name}" was open for ${formatMillis(openFor)} without an event: only ` +
      `${quoted("fiber", feeder.name)} had published what it reads, and that was stopped at ` +
      `${text(feeder.at)} with another exchange (trace ${feeder.stoppedWith}), which had started it.`,
    evidence: {
      stream: stream.name,
      fiber: feeder.name,
      "fiber.stopped_ms": millis(feeder.at),
      ...codeEvidence(feeder.code),
      ...known({ "owner.trace": feeder.stoppedWith }),
      resource: subscription.name,
    },
    stream: stream.span.spanId,
    spanIds: [subscription.span.spanId, stream.span.spanId],
  }
}
