/** A finding that the program itself recorded. Its rule and its exchange give the rest of a `Match`. */
import {
  ERROR_TYPE,
  EVIDENCE_NOT_SENT,
  EVIDENCE_PREFIX,
  FINDING,
  FINDING_EVENT,
  FINDING_FIX,
  FINDING_MESSAGE,
  FINDING_SEVERITY,
} from "../../attributes.ts"
import type { Confidence, Evidence, Match, Severity } from "../finding.ts"
import type { EvidenceSpan } from "../finding-evidence.ts"
import type { Attributes, SpanEvent, SpanReference } from "../span.ts"
import type { Micros } from "../time.ts"
import { codeOf } from "./code.ts"
import { links, type Unread, unread } from "./entry.ts"
import { always, attribute, type Field } from "./field.ts"
import { fixText } from "./fix-text.ts"
import { kindOnly } from "./interval.ts"
import { oneOf, text, texts } from "./notation.ts"
import { spanTable } from "./table.ts"

/** Value of `effect.lifetime.kind` on a span that only describes a finding. */
export const findingKind = "finding"

const severities: ReadonlyArray<Severity> = ["error", "warning"]
const confidences: ReadonlyArray<Confidence> = ["certain", "likely"]

const evidenceOf = (attributes: Attributes): Evidence => {
  const evidence: Record<string, string | number | boolean> = {}
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith(EVIDENCE_PREFIX) && typeof value !== "object") {
      evidence[key.slice(EVIDENCE_PREFIX.length)] = value
    }
  }
  return evidence
}

const evidence: Field<Evidence> = {
  side: "both",
  rows: [
    {
      stands: "attribute",
      name: `${EVIDENCE_PREFIX}*`,
      values: "text, number, flag",
      says: "The evidence, an attribute for each key of it.",
    },
  ],
  reading: { of: "place", read: ({ attributes }) => evidenceOf(attributes) },
  absent: always,
  write: (value, to) => {
    for (const [key, it] of Object.entries(value)) to.attributes[EVIDENCE_PREFIX + key] = it
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
  code: codeOf("around what it is about"),
}

/** The attributes of an event about a finding. */
export const toldFinding = spanTable<Match>()(
  `event \`${FINDING_EVENT}\``,
  "A rule held: on the marker of an exchange that is open.",
  entries,
)

export const findingEvent = (match: Match, time: Micros, span: SpanReference): SpanEvent => ({
  name: FINDING_EVENT,
  time,
  attributes: toldFinding.write(match, span).attributes,
})

/** What is known of a finding besides its rule's texts. */
export interface ToldFinding extends Match {
  readonly evidenceSpans: ReadonlyArray<EvidenceSpan>
  /** When the problem began, if its span begins later than that because it is below the exchange. */
  readonly causedBefore: Micros | undefined
  /** Traces that it names and that are not sent. The sender knows that. */
  readonly notSent?: ReadonlyArray<string>
}

const judgedAgain = "the rule tells it"

/** In error if the finding is an error. */
const status: Unread<ToldFinding> = {
  side: "write",
  rows: [],
  tell: ({ severity, message }, to) => {
    if (severity === "error") to.error = message
  },
}

export const findingSpan = spanTable<ToldFinding>()(
  "finding RULE",
  "A rule held, once: from the cause to what it did, or of no length when it was found.",
  {
    kind: kindOnly(findingKind),
    ...entries,
    type: unread(ERROR_TYPE, text, ({ rule }) => rule, "The rule.", "another attribute says it"),
    fix: unread(
      FINDING_FIX,
      text,
      ({ suggestion }) => fixText(suggestion),
      "How to fix it.",
      judgedAgain,
    ),
    page: unread(
      "lifetime.page",
      text,
      ({ rule }) => `docs/rules/${rule}.md`,
      "The page of the rule.",
      judgedAgain,
    ),
    causedBefore: unread(
      "lifetime.cause_time",
      text,
      ({ causedBefore }) =>
        causedBefore === undefined ? undefined : new Date(causedBefore / 1000).toISOString(),
      "When it began, if that was before the exchange.",
      "the evidence says it",
    ),
    about: links(
      ({ evidenceSpans }) =>
        evidenceSpans.map(({ span, role, ended }) => ({ span, role, exported: ended })),
      "The lifetimes that it is about, each with what it has to do with it.",
      "an attribute says it",
    ),
    notSent: unread(
      EVIDENCE_NOT_SENT,
      text,
      ({ notSent }) => notSent?.join(" "),
      "Traces that it names, and that had not been sent when it was; any span may say so.",
      "`diagnose` says so in a note",
    ),
    status,
  },
)
