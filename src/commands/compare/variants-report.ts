import type { JudgedExchange } from "../../../otel/lifetimes/diagnose.ts"
import { differencesOf } from "../../../otel/timeline/difference.ts"
import { layoutOf } from "../../../otel/timeline/layout.ts"
import type { Panel } from "../../../otel/timeline/panel.ts"
import type { ComparedVariant } from "../../comparison/comparison.ts"
import { type Environment, findingsAlone, type Report } from "../../page/report.ts"
import { verdictSentence } from "./verdict.ts"

/** The drawing of each variant. */
export const comparedPanels = (compared: ReadonlyArray<ComparedVariant>): ReadonlyArray<Panel> =>
  compared.flatMap((one) =>
    one.diagnosis.exchanges.slice(0, 1).map((judged) => panelOf(one, judged)),
  )

const panelOf = (
  { variant, eventsReceived, eventsPublished }: ComparedVariant,
  { exchange, matches }: JudgedExchange,
): Panel => ({
  title: variant,
  note: `${eventsReceived} of ${eventsPublished} events received`,
  layout: layoutOf(exchange, matches),
})

/** The variants of the stream side by side. */
export const comparisonReport = (
  compared: ReadonlyArray<ComparedVariant>,
  asExpected: boolean,
  environment: Environment,
): Report => {
  const panels = comparedPanels(compared)
  const names = compared.map(({ variant }) => variant).join(" and ")
  return {
    title: `GET /event: ${names}`,
    outcome: asExpected
      ? { kind: "good", text: "As expected: each stream did what it is there to show" }
      : { kind: "error", text: "Unexpected: a stream did not do what it is there to show" },
    verdict: compared.map(verdictSentence),
    timelines: [{ heading: undefined, panels, differences: differencesOf(panels) }],
    findings: findingsAlone(compared.flatMap(({ diagnosis }) => diagnosis.findings)),
    notes: compared.flatMap(({ variant, diagnosis }) =>
      diagnosis.notes.map((note) => `${variant}: ${note}`),
    ),
    spans: compared.flatMap(({ spans }) => spans),
    environment,
  }
}
