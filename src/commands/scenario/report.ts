import { type Environment, findingsAlone, type Report } from "../../page/report.ts"
import { nameOf } from "../../scenarios/catalogue.ts"
import type { ScenarioRun } from "../../scenarios/run.ts"
import { outcomeSentenceOf, summaryOf } from "./text.ts"

/** What became of one variant of a scenario. */
export const playedReport = (played: ScenarioRun, environment: Environment): Report => {
  const { scenario, variant, asExpected, findings, exchanges, spans } = played
  return {
    title: `${nameOf(scenario)}: ${variant}`,
    outcome: { kind: asExpected ? "good" : "error", text: outcomeSentenceOf(played) },
    verdict: [
      summaryOf(played),
      `The repair: ${scenario.repair}`,
      ...scenario.rule.incidents.map(({ title, story }) => `${title}. ${story}`),
    ],
    timelines: [],
    findings: findingsAlone(findings),
    notes: [],
    runs: [{ exchanges, spans }],
    environment,
  }
}
