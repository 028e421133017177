import { groupFindings } from "../../../otel/lifetimes/finding.ts"
import { differencesOf } from "../../../otel/timeline/difference.ts"
import { type Environment, findingsAlone, outcomeOf, type Report } from "../report.ts"
import { connectionText, panelsOf } from "./connection-view.ts"
import type { PageView } from "./watched.ts"

/** The report of what is on the page: the latest connection of each server. */
export const liveReport = (sight: PageView, environment: Environment): Report => {
  const panels = panelsOf(sight)
  const latest = sight.connections.flatMap(({ latest }) => latest ?? [])
  const findings = groupFindings(latest.flatMap(({ matches }) => matches))
  const ended = latest.some(({ exchange }) => exchange.endedAt !== undefined)
  return {
    title: "GET /event, live: broken and fixed",
    outcome: outcomeOf(findings, ended),
    verdict: sight.connections.map(({ side, latest }) =>
      latest === undefined ? `${side}: nobody has connected` : `${side}: ${connectionText(latest)}`,
    ),
    timelines: [{ heading: undefined, panels, differences: differencesOf(panels) }],
    findings: findingsAlone(findings),
    notes: [],
    spans: sight.spans,
    environment,
  }
}
