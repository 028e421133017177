import { incidentsOf, nameOf } from "../../scenarios/catalogue.ts"
import type { ScenarioRun } from "../../scenarios/run.ts"
import type { Scenario } from "../../scenarios/scenario.ts"

/** What there is to run, as `scenario list --json` prints it. */
export const catalogueJson = (scenarios: ReadonlyArray<Scenario>) =>
  scenarios.map((scenario) => ({
    name: nameOf(scenario),
    rule: scenario.rule.name,
    incident: incidentsOf(scenario),
    summary: scenario.summary,
  }))

/** What became of one variant, as `scenario run --json` prints it. */
export const playedJson = ({ scenario, variant, expected, findings }: ScenarioRun) => ({
  name: nameOf(scenario),
  variant,
  expected,
  findings,
})
