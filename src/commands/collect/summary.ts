import * as Effect from "effect/Effect"
import { counted, plural } from "../../../otel/lifetimes/counted.ts"
import { type Finding, groupKey } from "../../../otel/lifetimes/finding.ts"
import { findingLines } from "../../../otel/timeline/finding-lines.ts"
import { printable } from "../../../otel/timeline/printable.ts"
import { type Line, paragraph } from "../../../otel/timeline/segment.ts"
import type { TraceStoreCounts } from "../../collector/stored-traces.ts"
import type { TraceStore } from "../../collector/trace-store.ts"
import { diagnoseSource, type SourceDiagnosis } from "../../recordings/diagnosis/diagnose-source.ts"
import { outcomeSentence } from "../diagnose/text.ts"
import { storeSource } from "./store-source.ts"

/** The results about everything that was received. */
interface Summary {
  readonly diagnosis: SourceDiagnosis
  /** Findings that have not been printed yet: they can be judged only when no more spans come. */
  readonly unprinted: ReadonlyArray<Finding>
  /** How many kinds of findings were printed and are not among the findings any more. */
  readonly missing: number
  /** Whether spans of traces with a finding were dropped: some of these findings may have been about them. */
  readonly someDropped: boolean
}

/** Judges what the store holds, as `diagnose` would; `undefined` if it holds nothing. */
export const summaryOf = (
  store: TraceStore["Service"],
  printed: ReadonlySet<string>,
  { traces, evictedFound, cutFound }: TraceStoreCounts,
): Effect.Effect<Summary | undefined> => {
  if (traces === 0) return Effect.succeed(undefined)
  return diagnoseSource(storeSource(store)).pipe(
    Effect.orDie,
    Effect.map((diagnosis): Summary => {
      const findings = diagnosis.findings.map(({ finding }) => finding)
      const found = new Set(findings.map(groupKey))
      return {
        diagnosis,
        unprinted: findings.filter((finding) => !printed.has(groupKey(finding))),
        missing: [...printed].filter((kind) => !found.has(kind)).length,
        someDropped: evictedFound + cutFound > 0,
      }
    }),
  )
}

export const hasFindings = ({ diagnosis, missing, someDropped }: Summary): boolean =>
  diagnosis.findings.length > 0 || (missing > 0 && someDropped)

/** The findings that are still to be printed, and the summary that `diagnose` gives. */
export const summaryLines = (summary: Summary, width: number): ReadonlyArray<Line> => {
  const { diagnosis, unprinted } = summary
  return [
    ...(unprinted.length === 0 ? [] : [...findingLines(unprinted, width), []]),
    ...diagnosis.notes.flatMap((note) => paragraph(`Note: ${printable(note)}`, 0, width, "muted")),
    ...missingText(summary).flatMap((text) => paragraph(text, 0, width, "plain")),
    ...paragraph(outcomeSentence(diagnosis), 0, width, "plain"),
  ]
}

const missingText = ({ missing, someDropped }: Summary): ReadonlyArray<string> => {
  if (missing === 0) return []
  const above = `${counted(missing, "finding")} above ${plural(missing, "is", "are")} not counted below`
  return someDropped
    ? [`${above}: spans of ${plural(missing, "it", "them")} were dropped.`]
    : [`${above}: spans that came later explain what was seen.`]
}
