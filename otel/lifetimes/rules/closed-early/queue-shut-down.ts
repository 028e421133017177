import { spanName } from "../../../attributes.ts"
import { codeEvidence } from "../../code-evidence.ts"
import { known } from "../../known-evidence.ts"
import { type Exchange, placeInCode, type StreamRun } from "../../model.ts"
import { quoted } from "../../quoted.ts"
import { scopeOf } from "../../relations.ts"
import type { RuleHit } from "../../rule.ts"
import { capitalized } from "../../subscription-text.ts"
import { formatMillis, type Micros, millisBetween, timesSince } from "../../time.ts"
import { isDeliberate, outcome } from "./stream-end.ts"

/** The finalizer of a scope shut down the queue that the stream reads. */
export const queueShutDown = (
  exchange: Exchange,
  stream: StreamRun,
  streamEnd: Micros,
  {
    at,
    by,
  }: {
    readonly at: Micros
    readonly by: NonNullable<NonNullable<StreamRun["shutQueue"]>["by"]>
  },
): RuleHit => {
  const { millis, text } = timesSince(exchange.startedAt)
  const closer = scopeOf(exchange, by.span.spanId)
  const scopeName =
    capitalized(quoted("scope", by.name)) +
    (closer === undefined ? " of the program" : placeInCode(closer))
  const closed =
    closer === undefined
      ? `had closed ${formatMillis(millisBetween(at, exchange.startedAt))} before ${exchange.route} began`
      : `closed at ${text(at)}`
  return {
    confidence: closer !== undefined && isDeliberate(exchange, closer) ? "likely" : "certain",
    operation: spanName.scope(by.name),
    message:
      `${scopeName} ${closed} and shut the queue down that stream "${stream.name}" reads; ` +
      `${outcome(exchange, stream, streamEnd)}.`,
    evidence: {
      scope: by.name,
      "scope.closed_ms": millis(at),
      resource: "queue",
      ...codeEvidence(closer?.code),
      stream: stream.name,
      "stream.started_ms": millis(stream.startedAt),
      "stream.ended_ms": millis(streamEnd),
      ...known({ "stream.exit": stream.exit }),
    },
    stream: stream.span.spanId,
    spanIds: [...(closer === undefined ? [] : [closer.span.spanId]), stream.span.spanId],
  }
}
