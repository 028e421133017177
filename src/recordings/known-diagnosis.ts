import type { SourceDiagnosis } from "./diagnosis/diagnose-source.ts"
import { type KnownFinding, knownText, notFoundOf, reasonFor } from "./known-findings.ts"

/** The diagnosis with its known findings in a separate list. */
export const withKnown = (
  diagnosis: SourceDiagnosis,
  known: ReadonlyArray<KnownFinding>,
): SourceDiagnosis => {
  if (known.length === 0) return diagnosis
  const judged = diagnosis.findings.map((found) => ({
    found,
    reason: reasonFor(known, found.finding),
  }))
  return {
    ...diagnosis,
    findings: judged.flatMap(({ found, reason }) => (reason === undefined ? [found] : [])),
    known: judged.flatMap(({ found, reason }) => (reason === undefined ? [] : [{ found, reason }])),
  }
}

/** The same, with notes about known entries that match no finding. */
export const withKnownAndMissing = (
  diagnosis: SourceDiagnosis,
  known: ReadonlyArray<KnownFinding>,
): SourceDiagnosis => {
  const found = diagnosis.findings.map(({ finding }) => finding)
  const missing = notFoundOf(known, found).map(notFoundText)
  return withKnown({ ...diagnosis, notes: [...diagnosis.notes, ...missing] }, known)
}

/** The note about an entry that matches no finding. */
export const notFoundText = (known: KnownFinding): string =>
  `Known, but not found this time: ${knownText(known)} (${known.reason}).`
