import {
  FINDING,
  FINDING_CONFIDENCE,
  FINDING_EVENT,
  FINDING_EVIDENCE_PREFIX,
  FINDING_MESSAGE,
  FINDING_OPERATION,
  FINDING_SEVERITY,
  FINDING_SPAN_IDS,
  LIFETIME_KIND,
} from "../attributes.ts"
import { oneOf, text, texts } from "./attribute-reader.ts"
import type { Confidence, Evidence, Match, Severity } from "./finding.ts"
import type { Exchange } from "./model.ts"
import { rules } from "./registry.ts"
import type { Attributes, Span, SpanEvent } from "./span.ts"

/** Value of `effect.lifetime.kind` on a span that only tells a finding. */
export const findingKind = "finding"

/** What the spans of a finding carry; `recordedFindings` reads it back. */
export const findingAttributes = (match: Match): Attributes => ({
  [FINDING]: match.rule,
  [FINDING_SEVERITY]: match.severity,
  [FINDING_CONFIDENCE]: match.confidence,
  [FINDING_MESSAGE]: match.message,
  [FINDING_OPERATION]: match.operation,
  [FINDING_SPAN_IDS]: match.spanIds,
  ...Object.fromEntries(
    Object.entries(match.evidence).map(([key, value]) => [FINDING_EVIDENCE_PREFIX + key, value]),
  ),
})

/**
 * The findings that the program itself recorded: on the span of a stream, on a `finding` span, or on the
 * marker of an exchange that is open. Needed where the spans do not show them any more: a leaked
 * subscription is exported when it is released, if it ever is.
 */
export const recordedFindings = (exchange: Exchange, span: Span): ReadonlyArray<Match> => {
  const isFinding = text(span, LIFETIME_KIND) === findingKind
  const sources = isFinding ? [span] : span.events.filter(({ name }) => name === FINDING_EVENT)
  return sources.flatMap((source) => recordedFinding(exchange, span, source) ?? [])
}

const severities: ReadonlyArray<Severity> = ["error", "warning"]
const confidences: ReadonlyArray<Confidence> = ["certain", "likely"]

const recordedFinding = (
  exchange: Exchange,
  span: Span,
  source: Span | SpanEvent,
): Match | undefined => {
  const name = text(source, FINDING)
  const message = text(source, FINDING_MESSAGE)
  if (name === undefined || message === undefined) return undefined
  const rule = rules.find((it) => it.name === name)
  return {
    rule: name,
    severity: oneOf(source, FINDING_SEVERITY, severities) ?? rule?.severity ?? "error",
    confidence: oneOf(source, FINDING_CONFIDENCE, confidences) ?? "likely",
    service: exchange.service,
    route: exchange.route,
    operation: text(source, FINDING_OPERATION) ?? span.name,
    message,
    evidence: evidenceOf(source.attributes),
    suggestion: rule?.suggestion ?? "",
    exchange: exchange.span,
    stream: text(span, LIFETIME_KIND) === "stream" ? span.spanId : undefined,
    spanIds: texts(source, FINDING_SPAN_IDS),
  }
}

const evidenceOf = (attributes: Attributes): Evidence => {
  const evidence: Record<string, string | number | boolean> = {}
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith(FINDING_EVIDENCE_PREFIX) && typeof value !== "object") {
      evidence[key.slice(FINDING_EVIDENCE_PREFIX.length)] = value
    }
  }
  return evidence
}
