import { spanName } from "../../../attributes.ts"
import { codeEvidence } from "../../code-evidence.ts"
import { oneLine, quotedError } from "../../error-text.ts"
import { known } from "../../known-evidence.ts"
import type { Exchange, FiberFailure, Subscription } from "../../model.ts"
import { quoted } from "../../quoted.ts"
import { type Moment, notYetUnless, type RuleHit, type Verdict } from "../../rule.ts"
import { isSocket } from "../../spans/exchange-name.ts"
import { capitalized, resourceText, subscriptionText } from "../../subscription-text.ts"
import { formatMillis, millisBetween, timesSince } from "../../time.ts"

/** Nobody reads any subscription of a WebSocket any more: the reader has failed, and the socket is open. */
export const lostReader = (exchange: Exchange, moment: Moment): Verdict => {
  const { route, endedAt, clientLeftAt, subscriptions } = exchange
  if (subscriptions.length === 0 || !isSocket(route)) return []
  const lost = lastToLoseItsReader(exchange)
  if (lost === undefined) return []
  const openUntil = clientLeftAt ?? endedAt ?? exchange.openUntil ?? moment.now
  const since = lost.failure.at
  if (openUntil - since > moment.grace) return [describe(exchange, lost, openUntil - since)]
  return endedAt === undefined ? notYetUnless(moment, since + moment.grace) : []
}

interface LostReader {
  readonly subscription: Subscription
  readonly failure: FiberFailure
}

/** The socket has no use for those that were released before. */
const lastToLoseItsReader = ({ subscriptions }: Exchange): LostReader | undefined => {
  let last: LostReader | undefined
  for (const subscription of subscriptions) {
    const { readerFailed: failure } = subscription
    if (failure !== undefined && (last === undefined || last.failure.at < failure.at)) {
      last = { subscription, failure }
    }
  }
  const isReadOn = subscriptions.some(
    ({ readerFailed, endedAt }) =>
      readerFailed === undefined && (endedAt === undefined || endedAt > (last?.failure.at ?? 0)),
  )
  return isReadOn ? undefined : last
}

const describe = (
  exchange: Exchange,
  { subscription, failure }: LostReader,
  openFor: number,
): RuleHit => {
  const { millis, text } = timesSince(exchange.startedAt)
  return {
    confidence: "likely", // the socket may be there for something else, too
    suggestion,
    operation: spanName.fiber(failure.name),
    message:
      `${capitalized(quoted("fiber", failure.name))} of ${exchange.route} failed at ${text(failure.at)} with ` +
      `${quotedError(failure.error)}, and nobody was told. It was the last to read ${subscriptionText(subscription)}: the socket ` +
      `was open for ${formatMillis(openFor / 1000)} after that, and nothing else read it.`,
    evidence: {
      fiber: failure.name,
      ...known({ "fiber.id": failure.id }),
      "fiber.failed_ms": millis(failure.at),
      "exception.message": oneLine(failure.error),
      ...codeEvidence(failure.code),
      resource: resourceText(subscription),
      "resource.delivered": subscription.delivered,
      "socket.open_for_ms": millisBetween(failure.at, failure.at + openFor),
    },
    stream: undefined,
    spanIds: [subscription.span.spanId, exchange.span.spanId],
  }
}

const suggestion = `Let the socket end with the fiber that sends. Its client sees that, and connects again:

  yield* Effect.raceFirst(receive, send)

Where one message is enough to fail it, catch that error before it reaches the loop.`
