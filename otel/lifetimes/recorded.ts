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
import { event, oneOf, text, texts } from "./attribute-reader.ts"
import type { Confidence, Evidence, Match, Severity } from "./finding.ts"
import type { Exchange } from "./model.ts"
import { rules } from "./registry.ts"
import type { Attributes, Span } from "./span.ts"

/** Value of `effect.lifetime.kind` on a span that only tells a finding. */
export const findingKind = "finding"

/** What the spans of a finding carry; `recordedFinding` reads it back. */
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
 * A finding that the program itself recorded, on the span of a stream or on a `finding` span. Needed
 * where the spans do not show it any more: a leaked subscription is exported when it is released, if
 * it ever is.
 */
export const recordedFinding = (exchange: Exchange, span: Span): Match | undefined => {
  const kind = text(span, LIFETIME_KIND)
  const source = kind === findingKind ? span : event(span, FINDING_EVENT)
  const name = text(source, FINDING)
  const message = text(source, FINDING_MESSAGE)
  if (source === undefined || name === undefined || message === undefined) return undefined
  const severities: ReadonlyArray<Severity> = ["error", "warning"]
  const confidences: ReadonlyArray<Confidence> = ["certain", "likely"]
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
    consumer: kind === findingKind ? undefined : span.spanId,
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
