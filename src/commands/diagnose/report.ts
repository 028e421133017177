import type { JudgedExchange } from "../../../otel/lifetimes/judge-trace.ts"
import {
  type Environment,
  type FindingGroup,
  findingsAlone,
  outcomeOf,
  type Report,
  type ReportedRun,
} from "../../page/report.ts"
import type { SourceDiagnosis } from "../../recordings/diagnosis/diagnose-source.ts"
import type { KnownFound } from "../../recordings/known-findings.ts"
import { counted, number, outcomeSentence } from "./text.ts"

/** The report about a source that kept its most telling traces. `name` is the name of the source. */
export const diagnosisReport = (
  diagnosis: SourceDiagnosis,
  name: string,
  environment: Environment,
): Report => {
  const findings = diagnosis.findings.map(({ finding }) => finding)
  return {
    title: `Diagnosis of ${name}`,
    outcome: outcomeOf(findings, diagnosis.exchangesJudged > 0),
    verdict: [outcomeSentence(diagnosis)],
    shown: [shownSentence(diagnosis)],
    timelines: [],
    findings: [...findingsAlone(findings), knownGroup(diagnosis.known)],
    notes: diagnosis.notes,
    runs: [runOf(diagnosis)],
    environment,
  }
}

/** Findings that are accepted, each with its reason. */
export const knownGroup = (known: ReadonlyArray<KnownFound>): FindingGroup => ({
  heading: "Known",
  findings: known.map(({ found: { finding }, reason }) => ({ finding, note: reason })),
  state: "known",
})

/** The exchanges that findings mention, even those that are not kept because their trace is too large. */
const exchangesKept = ({
  kept,
  findings,
  known,
}: SourceDiagnosis): ReadonlyArray<JudgedExchange> => {
  const judged = [
    ...findings.flatMap(({ example }) => example ?? []),
    ...known.flatMap(({ found }) => found.example ?? []),
    ...kept.flatMap(({ exchanges }) => exchanges),
  ]
  const bySpan = new Map<string, JudgedExchange>()
  for (const one of judged) {
    const { traceId, spanId } = one.exchange.span
    if (!bySpan.has(traceId + spanId)) bySpan.set(traceId + spanId, one)
  }
  return [...bySpan.values()]
}

/** What is kept of a recording. */
export const runOf = (diagnosis: SourceDiagnosis): ReportedRun => ({
  exchanges: exchangesKept(diagnosis),
  spans: diagnosis.kept.flatMap(({ spans }) => spans),
  judged: diagnosis.exchangesJudged,
  open: diagnosis.exchangesOpen,
})

/** What of all that was read is in the report. */
export const shownSentence = ({ kept, leftOut, traces }: SourceDiagnosis): string => {
  if (kept.length >= traces && leftOut === 0) return "All of that is shown."
  const spans = kept.reduce((sum, trace) => sum + trace.spans.length, 0)
  const left = leftOut === 0 ? "" : `, without ${number(leftOut)} more spans of these traces`
  return (
    `Of that, ${counted(spans, "span")} of ${counted(kept.length, "trace")} are shown${left}: every finding with ` +
    "its count and up to five examples, and up to five exchanges of each route without a finding."
  )
}
