import type { ComparedVariant } from "../../comparison/comparison.ts"
import { type Environment, findingsAlone, type Report } from "../../page/report.ts"
import { variantsPanels } from "./variants-panels.ts"
import { verdictSentence } from "./verdict.ts"

/** The variants of the stream side by side. */
export const variantsReport = (
  compared: ReadonlyArray<ComparedVariant>,
  asExpected: boolean,
  environment: Environment,
): Report => {
  const panels = variantsPanels(compared)
  const names = compared.map(({ variant }) => variant).join(" and ")
  return {
    title: `GET /event: ${names}`,
    outcome: asExpected
      ? { kind: "good", text: "As expected: each stream did what it is there to show" }
      : { kind: "error", text: "Unexpected: a stream did not do what it is there to show" },
    verdict: compared.map(verdictSentence),
    timelines: [{ heading: undefined, panels, compared: true }],
    findings: findingsAlone(compared.flatMap(({ diagnosis }) => diagnosis.findings)),
    notes: compared.flatMap(({ variant, diagnosis }) =>
      diagnosis.notes.map((note) => `${variant}: ${note}`),
    ),
    runs: compared.map(({ variant, diagnosis, spans }) => ({
      name: variant,
      exchanges: diagnosis.exchanges,
      spans,
      judged: diagnosis.exchangesJudged,
      open: diagnosis.exchangesOpen,
    })),
    environment,
  }
}
