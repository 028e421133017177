import { spanName } from "../../../attributes.ts"
import { codeEvidence } from "../../code-evidence.ts"
import { type Exchange, placeInCode, type StreamRun } from "../../model.ts"
import { quoted } from "../../quoted.ts"
import { readBy } from "../../relations.ts"
import type { RuleHit } from "../../rule.ts"
import { type Micros, timesSince } from "../../time.ts"
import { scopeThatReleased } from "../../unknown-release.ts"
import { isClosedAtEnd } from "./stream-end.ts"

/** After a nested scope had closed, the stream lost something that is not recorded. */
export const releasedUnknown = (
  exchange: Exchange,
  stream: StreamRun,
  streamEnd: Micros,
): ReadonlyArray<RuleHit> => {
  const closer = scopeThatReleased(exchange, stream)
  if (closer === undefined || isClosedAtEnd(stream, closer)) return []
  if (hasLostItsSource(exchange, stream)) return []
  const { millis, text } = timesSince(exchange.startedAt)
  const closedAt = closer.closedAt ?? streamEnd
  return [
    {
      confidence: "likely",
      operation: spanName.scope(closer.name),
      message:
        `Stream "${stream.name}" ended at ${text(streamEnd)} on an interrupt that its own ` +
        `fiber did not receive, after ${quoted("scope", closer.name)}${placeInCode(closer)} ` +
        (closer.enteredClosed
          ? `had closed before ${exchange.route} entered it, at ${text(closer.startedAt)}: whatever ` +
            "is acquired in it is released at once."
          : `had closed at ${text(closedAt)}: what it read was probably released with that scope.`),
      evidence: {
        scope: closer.name,
        "scope.closed_ms": millis(closedAt),
        "scope.finalizers": closer.finalizers,
        ...codeEvidence(closer.code),
        stream: stream.name,
        "stream.ended_ms": millis(streamEnd),
      },
      stream: stream.span.spanId,
      spanIds: [closer.span.spanId, stream.span.spanId],
    },
  ]
}

/** What it read was ended or shut down, and not by a closing scope: no scope is to blame. */
const hasLostItsSource = (exchange: Exchange, stream: StreamRun): boolean =>
  readBy(exchange, stream).some(({ sourceEnd }) => sourceEnd && sourceEnd.by === undefined)
