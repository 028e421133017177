import { columnsOf, wrap } from "../../../otel/timeline/columns.ts"
import type { Line, Role, Segment } from "../../../otel/timeline/segment.ts"
import { paragraph } from "../../../otel/timeline/segment.ts"
import { incidentsOf, nameOf } from "../../scenarios/catalogue.ts"
import type { Scenario } from "../../scenarios/scenario.ts"

/** What there is to run, for people, in lines of at most `width` columns: a row each, and its summary. */
export const catalogueLines = (
  scenarios: ReadonlyArray<Scenario>,
  width: number,
): ReadonlyArray<Line> => {
  const row = rowOf(scenarios, width)
  return [
    ...row({ name: "name", severity: "severity", incident: "incident" }, ["axis", "axis", "axis"]),
    ...scenarios.flatMap((scenario) => {
      const { severity } = scenario.rule
      const cells = { name: nameOf(scenario), severity, incident: incidentsOf(scenario) }
      const role = severity === "error" ? "finding" : "warning"
      return [
        ...row(cells, ["title", role, "plain"]),
        ...paragraph(scenario.summary, summaryIndent, width, "muted"),
      ]
    }),
  ]
}

interface Cells {
  readonly name: string
  readonly severity: string
  readonly incident: string
}

const summaryIndent = 4
const gap = 2
const narrowestIncident = 24

/** Incidents that do not fit beside the name go on below each other. */
const rowOf = (scenarios: ReadonlyArray<Scenario>, width: number) => {
  const names = scenarios.reduce((most, scenario) => Math.max(most, columnsOf(nameOf(scenario))), 0)
  const left = [names + gap, "severity".length + gap] as const
  const room = Math.max(narrowestIncident, width - left[0] - left[1])
  return (cells: Cells, roles: readonly [Role, Role, Role]): ReadonlyArray<Line> =>
    wrap(cells.incident, room).map((incident, index) => {
      const cell = (text: string, columns: number, role: Role): Segment => ({
        text: (index === 0 ? text : "").padEnd(columns),
        role,
      })
      return [
        cell(cells.name, left[0], roles[0]),
        cell(cells.severity, left[1], roles[1]),
        { text: incident, role: roles[2] },
      ]
    })
}
