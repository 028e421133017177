import type { Judged } from "../../otel/lifetimes/diagnose.ts"
import { differencesOf } from "../../otel/timeline/difference.ts"
import { layoutOf } from "../../otel/timeline/layout.ts"
import type { Panel } from "../../otel/timeline/panel.ts"
import type { Compared } from "../probe/comparison.ts"
import { type Environment, findingsAlone, type Report } from "./report.ts"
import { verdictSentence } from "./verdict.ts"

/** The drawing of each variant. */
export const comparedPanels = (compared: ReadonlyArray<Compared>): ReadonlyArray<Panel> =>
  compared.flatMap((one) =>
    one.diagnosis.exchanges.slice(0, 1).map((judged) => panelOf(one, judged)),
  )

const panelOf = (
  { variant, eventsReceived, eventsPublished }: Compared,
  { exchange, matches }: Judged,
): Panel => ({
  title: variant,
  note: `${eventsReceived} of ${eventsPublished} events received`,
  layout: layoutOf(exchange, matches),
})

/** The variants of the stream side by side. */
export const comparisonReport = (
  compared: ReadonlyArray<Compared>,
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
