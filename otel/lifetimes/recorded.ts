import { FINDING_EVENT, LIFETIME_KIND } from "../attributes.ts"
import { text } from "./attribute-reader.ts"
import type { Match } from "./finding.ts"
import type { Exchange } from "./model.ts"
import { rules } from "./registry.ts"
import type { Span, SpanEvent } from "./span.ts"
import { findingKind, toldFinding } from "./spans/finding.ts"

const none: ReadonlyArray<never> = []

/**
 * The findings that the program itself recorded: on the span of a stream, on a `finding` span, or on the marker
 * of an open exchange. They are needed if the spans do not show the problem any more: a leaked subscription is
 * exported when it is released, if ever.
 */
export const recordedFindings = (exchange: Exchange, span: Span): ReadonlyArray<Match> => {
  const isFinding = text(span, LIFETIME_KIND) === findingKind
  const sources = isFinding ? [span] : span.events.filter(({ name }) => name === FINDING_EVENT)
  if (sources.length === 0) return none // as of nearly all
  return sources.flatMap((source) => recordedFinding(exchange, span, source) ?? [])
}

const recordedFinding = (
  exchange: Exchange,
  span: Span,
  source: Span | SpanEvent,
): Match | undefined => {
  const { rule: name, message, ...told } = toldFinding.read(span, source)
  if (name === undefined || message === undefined) return undefined
  const rule = rules.find((it) => it.name === name)
  return {
    rule: name,
    severity: told.severity ?? rule?.severity ?? "error",
    confidence: told.confidence ?? "likely",
    service: exchange.service,
    route: exchange.route,
    operation: told.operation ?? span.name,
    message,
    evidence: told.evidence,
    suggestion: rule?.suggestion ?? "",
    code: told.code,
    exchange: exchange.span,
    stream: text(span, LIFETIME_KIND) === "stream" ? span.spanId : undefined,
    spanIds: told.spanIds,
  }
}
