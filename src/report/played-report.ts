import { noDifferences } from "../../otel/timeline/difference.ts"
import { nameOf } from "../scenarios/catalogue.ts"
import type { Played } from "../scenarios/run.ts"
import { foremostPanels } from "./exchange-panel.ts"
import { mostDrawings, outcomeSentenceOf, summaryOf } from "./played-lines.ts"
import { type Environment, findingsAlone, type Report } from "./report.ts"

/** What became of one variant of a scenario. */
export const playedReport = (played: Played, environment: Environment): Report => {
  const { scenario, variant, asExpected, findings, exchanges, spans } = played
  return {
    title: `${nameOf(scenario)}: ${variant}`,
    outcome: { kind: asExpected ? "good" : "error", text: outcomeSentenceOf(played) },
    verdict: [
      summaryOf(played),
      `The repair: ${scenario.repair}`,
      ...scenario.rule.incidents.map(({ title, story }) => `${title}. ${story}`),
    ],
    timelines: [
      {
        heading: undefined,
        panels: foremostPanels(exchanges, mostDrawings),
        differences: noDifferences,
      },
    ],
    findings: findingsAlone(findings),
    notes: [],
    spans,
    environment,
  }
}
