import type { SourceDiagnosis } from "../../recordings/diagnosis/diagnose-source.ts"

/** What was read out of a source, as every command prints it. */
export const diagnosisJson = (diagnosis: SourceDiagnosis) => ({
  traces: diagnosis.traces,
  spans: diagnosis.spans,
  skippedLines: diagnosis.skippedLines,
  exchangesJudged: diagnosis.exchangesJudged,
  exchangesOpen: diagnosis.exchangesOpen,
  notes: diagnosis.notes,
  findings: diagnosis.findings.map(({ finding }) => finding),
  ...(diagnosis.known.length === 0
    ? {}
    : { known: diagnosis.known.map(({ found, reason }) => ({ ...found.finding, reason })) }),
})
