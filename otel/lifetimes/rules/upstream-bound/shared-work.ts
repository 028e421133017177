import { spanName } from "../../../attributes.ts"
import type { Exchange } from "../../model.ts"
import { lastToFail } from "../../relations.ts"
import type { RuleHit } from "../../rule.ts"
import { timesSince } from "../../time.ts"

/** Another exchange did what this one waited for, and was interrupted. */
export const sharedWork = (exchange: Exchange): RuleHit | undefined => {
  const { cutOff, failed } = exchange
  if (cutOff?.otherTrace === undefined || failed !== true) return undefined
  const { at, otherTrace } = cutOff
  const { millis, text } = timesSince(exchange.startedAt)
  const [stream] = lastToFail(exchange)
  const ended = stream?.endedAt ?? exchange.endedAt ?? at
  return {
    confidence: "certain",
    suggestion: `Let the program do what requests share, and let each request only wait for that:

  const program = yield* Effect.scope // the scope of a Layer
  // in the handler that comes first
  yield* Deferred.into(compute, answer).pipe(Effect.forkIn(program))
  // in every handler
  return yield* Deferred.await(answer)`,
    operation: stream === undefined ? exchange.name : spanName.stream(stream.name),
    message:
      `${exchange.route} ended at ${text(ended)} with an interrupt that had not been sent to it: another ` +
      `exchange (trace ${otherTrace}) did what this one waited for, and was interrupted, while this client was ` +
      "still connected.",
    evidence: {
      "interrupt.sent_ms": millis(at),
      "exchange.ended_ms": millis(ended),
      "owner.trace": otherTrace,
    },
    stream: stream?.span.spanId,
    spanIds: [stream?.span.spanId ?? exchange.span.spanId],
  }
}
