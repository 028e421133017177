import type { JudgedExchange } from "../../../otel/lifetimes/judge-trace.ts"
import type { Span } from "../../../otel/lifetimes/span.ts"
import { noDifferences } from "../../../otel/timeline/difference.ts"
import { foremostPanels } from "../../page/exchange-panel.ts"
import { type Environment, findingsAlone, outcomeOf, type Report } from "../../page/report.ts"
import type { SourceDiagnosis } from "../../recordings/diagnosis/diagnose-source.ts"
import { outcomeSentence } from "./text.ts"

/** More drawings than this hide the findings. */
const mostDrawings = 10

/** What was read out of a source that kept its most telling traces. `name` says which it was. */
export const diagnosisReport = (
  diagnosis: SourceDiagnosis,
  name: string,
  environment: Environment,
): Report => {
  const findings = diagnosis.findings.map(({ finding }) => finding)
  const exchanges = exchangesToDraw(diagnosis)
  const more = exchanges.length - mostDrawings
  return {
    title: `Diagnosis of ${name}`,
    outcome: outcomeOf(findings, diagnosis.exchangesJudged > 0),
    verdict: [outcomeSentence(diagnosis)],
    timelines: [
      {
        heading: undefined,
        panels: foremostPanels(exchanges, mostDrawings),
        differences: noDifferences,
      },
    ],
    findings: findingsAlone(findings),
    notes: [
      ...diagnosis.notes,
      ...leftOutNotes(diagnosis),
      ...(more > 0 ? [`${more} more exchanges are not drawn.`] : []),
    ],
    spans: spansKept(diagnosis),
    environment,
  }
}

/** Those that findings speak of, which a trace that was too large to be kept may not hold. */
const exchangesToDraw = ({ kept, findings }: SourceDiagnosis): ReadonlyArray<JudgedExchange> => {
  const judged = [
    ...findings.flatMap(({ example }) => example ?? []),
    ...kept.flatMap(({ exchanges }) => exchanges),
  ]
  const bySpan = new Map<string, JudgedExchange>()
  for (const one of judged) {
    const { traceId, spanId } = one.exchange.span
    if (!bySpan.has(traceId + spanId)) bySpan.set(traceId + spanId, one)
  }
  return [...bySpan.values()]
}

export const spansKept = ({ kept }: SourceDiagnosis): ReadonlyArray<Span> =>
  kept.flatMap(({ spans }) => spans)

export const leftOutNotes = ({ leftOut }: SourceDiagnosis): ReadonlyArray<string> =>
  leftOut === 0 ? [] : [`${leftOut} spans of the traces that are shown are not in this report.`]
