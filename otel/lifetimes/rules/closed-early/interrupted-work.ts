import { spanName } from "../../../attributes.ts"
import { codeEvidence } from "../../code-evidence.ts"
import { type Exchange, placeInCode } from "../../model.ts"
import { quoted } from "../../quoted.ts"
import { lastToFail, scopeOf } from "../../relations.ts"
import type { RuleHit } from "../../rule.ts"
import { isPartOfStop } from "../../stopped-before.ts"
import { capitalized } from "../../subscription-text.ts"
import { formatMillis, millisBetween, timesSince } from "../../time.ts"
import { isDeliberate } from "./stream-end.ts"

/** A closing scope interrupted what the handler or the body waited for, and it ended with that interrupt. */
export const interruptedWork = (exchange: Exchange): RuleHit | undefined => {
  const { cutOff, endedBy, failed, startedAt, route } = exchange
  if (cutOff?.by === undefined || cutOff.otherTrace !== undefined || failed !== true)
    return undefined
  if (endedBy === "client" || endedBy === "shutdown") return undefined
  const { at, by } = cutOff
  const isPrograms = by.belongsTo === "the program"
  // If the program closes something while somebody waits for it, that is on purpose.
  if (isPrograms && (at >= startedAt || isPartOfStop(exchange, at))) return undefined
  const { millis, text } = timesSince(startedAt)
  const [stream] = lastToFail(exchange)
  const ended = stream?.endedAt ?? exchange.endedAt ?? at
  const closer = scopeOf(exchange, by.span.spanId)
  const closed = isPrograms
    ? `of the program had closed ${formatMillis(millisBetween(at, startedAt))} before ${route} began`
    : `closed at ${text(at)}`
  return {
    confidence: closer !== undefined && isDeliberate(exchange, closer) ? "likely" : "certain",
    operation: spanName.scope(by.name),
    message:
      `${capitalized(quoted("scope", by.name))}${closer === undefined ? "" : placeInCode(closer)} ${closed}, which ` +
      `interrupted what ${stream === undefined ? route : `stream "${stream.name}"`} waited for: it failed with ` +
      `that interrupt at ${text(ended)}.`,
    evidence: {
      scope: by.name,
      "interrupt.sent_ms": millis(at),
      ...codeEvidence(closer?.code ?? cutOff.code),
      ...(stream === undefined ? {} : { stream: stream.name }),
      "exchange.ended_ms": millis(ended),
    },
    stream: stream?.span.spanId,
    spanIds: [
      ...(closer === undefined ? [] : [closer.span.spanId]),
      stream?.span.spanId ?? exchange.span.spanId,
    ],
  }
}
