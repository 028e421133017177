import { withoutSecrets } from "../../../otel/export/address.ts"
import type { Panel } from "../../../otel/timeline/layout.ts"
import { type Environment, findingsAlone, outcomeOf, type Report } from "../../page/report.ts"
import type { Outcome } from "../../page/snapshot.ts"
import type { Counts, Deviation } from "../../probe/deviation.ts"
import type { ProbeResult } from "../../probe/probe.ts"
import type { Visit } from "../../probe/visit.ts"
import { connectionPanel } from "./connection-panel.ts"
import { clientTimes, connectionText, withoutCompression } from "./text.ts"

/** More drawings than this hide the findings. */
const mostDrawings = 10

const mostSentences = 20

/** What clients of an event stream saw, and what the server's spans say. */
export const probeReport = (probed: ProbeResult, environment: Environment): Report => {
  const { visit, baseline, findings, notes, exchanges, spans } = probed
  return {
    title: `Probe of ${withoutSecrets(visit.url)}`,
    outcome: outcomeOfProbe(probed),
    verdict: [
      ...sentencesOf(visit, ""),
      ...(baseline === undefined
        ? []
        : [...sentencesOf(baseline.visit, "Baseline: "), ...deviations(baseline.deviation)]),
    ],
    timelines:
      exchanges.length > 0
        ? []
        : [{ heading: undefined, panels: fromOutside(probed), compared: false }],
    findings: findingsAlone(findings),
    notes,
    runs: [{ exchanges, spans }],
    environment,
  }
}

const outcomeOfProbe = ({ findings, asExpected }: ProbeResult): Outcome =>
  findings.length === 0 && !asExpected
    ? { kind: "error", text: "Not as expected" }
    : outcomeOf(findings, true)

const fromOutside = ({ visit, baseline }: ProbeResult): ReadonlyArray<Panel> =>
  [visit, ...(baseline === undefined ? [] : [baseline.visit])].flatMap(({ url, connections }) =>
    connections.slice(0, mostDrawings / 2).map((connection) => connectionPanel(url, connection)),
  )

const sentencesOf = (
  { connections, uncompressed }: Visit,
  heading: string,
): ReadonlyArray<string> => {
  const more = connections.length - mostSentences
  return [
    ...connections
      .slice(0, mostSentences)
      .map((connection) => `${heading}${connectionText(connection)}`),
    ...(more > 0 ? [`${heading}and ${more} more connections`] : []),
    ...(uncompressed === undefined ? [] : [`${heading}${withoutCompression(uncompressed)}`]),
    ...(connections.length === 0 ? [] : [clientTimes]),
  ]
}

const deviations = ({ missing, extra }: Deviation): ReadonlyArray<string> => [
  ...countsOf("Missing, which the baseline received", missing),
  ...countsOf("Extra, which the baseline did not receive", extra),
]

const countsOf = (heading: string, counts: Counts): ReadonlyArray<string> => {
  const entries = Object.entries(counts).slice(0, mostSentences)
  if (entries.length === 0) return []
  return [`${heading}: ${entries.map(([type, count]) => `${count} ${type}`).join(", ")}.`]
}
