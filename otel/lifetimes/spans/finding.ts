/** A finding that the program itself recorded. Its rule and its exchange tell the rest of a `Match`. */
import { FINDING, FINDING_EVENT, FINDING_MESSAGE, FINDING_SEVERITY } from "../../attributes.ts"
import type { Confidence, Evidence, Match, Severity } from "../finding.ts"
import type { Attributes, SpanEvent, SpanReference } from "../span.ts"
import type { Micros } from "../time.ts"
import { links, type Unread } from "./entry.ts"
import { always, attribute, type Field } from "./field.ts"
import { kindOnly } from "./interval.ts"
import { oneOf, text, texts } from "./notation.ts"
import { spanTable } from "./table.ts"

/** Value of `effect.lifetime.kind` on a span that only tells a finding. */
export const findingKind = "finding"

const severities: ReadonlyArray<Severity> = ["error", "warning"]
const confidences: ReadonlyArray<Confidence> = ["certain", "likely"]

const evidencePrefix = "lifetime.evidence."

const evidenceOf = (attributes: Attributes): Evidence => {
  const evidence: Record<string, string | number | boolean> = {}
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith(evidencePrefix) && typeof value !== "object") {
      evidence[key.slice(evidencePrefix.length)] = value
    }
  }
  return evidence
}

const evidence: Field<Evidence> = {
  side: "both",
  rows: [
    {
      stands: "attribute",
      name: `${evidencePrefix}*`,
      values: "text, number, flag",
      says: "The evidence, an attribute for each key of it.",
    },
  ],
  reading: { of: "place", read: ({ attributes }) => evidenceOf(attributes) },
  absent: always,
  write: (value, to) => {
    for (const [key, it] of Object.entries(value)) to.attributes[evidencePrefix + key] = it
  },
}

const entries = {
  rule: attribute(FINDING, text, "The rule."),
  severity: attribute(FINDING_SEVERITY, oneOf(severities), "How bad it is."),
  confidence: attribute(
    "lifetime.confidence",
    oneOf(confidences),
    "`certain`: the causal chain is in the trace. `likely`: inferred.",
  ),
  message: attribute(FINDING_MESSAGE, text, "The sentence."),
  operation: attribute(
    "lifetime.operation",
    text,
    "The lifetime that owns the bug, by its span's name.",
  ),
  spanIds: attribute(
    "lifetime.span_ids",
    texts,
    "Span ids of the lifetimes that it is about, the owner first.",
  ),
  evidence,
}

/** What an event says of a finding. */
export const toldFinding = spanTable<Match>()(
  `event \`${FINDING_EVENT}\``,
  "A rule held: on the stream that it is about, and on the marker of an exchange that is open.",
  entries,
)

export const findingEvent = (match: Match, time: Micros, span: SpanReference): SpanEvent => ({
  name: FINDING_EVENT,
  time,
  attributes: toldFinding.write(match, span).attributes,
})

/** Tells, in an event of the lifetime's span, the finding about it: at its end. */
export const foundAtEnd = <R extends { readonly endedAt: Micros | undefined }>(
  found: (record: R) => Match | undefined,
): Unread<R> => ({
  side: "write",
  rows: [
    {
      stands: "event",
      name: FINDING_EVENT,
      values: "",
      says: "A rule held.",
      unread: "it is read as a finding",
    },
  ],
  tell: (record, to, span) => {
    const match = found(record)
    if (match === undefined || record.endedAt === undefined) return
    to.events.push(findingEvent(match, record.endedAt, span))
  },
})

/** The span is in error where the finding is. */
export const inError = <R>(match: (record: R) => Match | undefined): Unread<R> => ({
  side: "write",
  rows: [],
  tell: (record, to) => {
    const found = match(record)
    if (found?.severity === "error") to.error = found.message
  },
})

export const findingSpan = spanTable<Match>()(
  "finding RULE",
  "Zero length: a finding that became known after the spans it is about had ended.",
  {
    kind: kindOnly(findingKind),
    ...entries,
    about: links(
      ({ exchange, spanIds }) => spanIds.map((spanId) => ({ traceId: exchange.traceId, spanId })),
      "The lifetimes that it is about.",
      "an attribute says it",
    ),
    status: inError((match) => match),
  },
)
