import { type Markup, markup } from "../markup.ts"
import type { Run, Snapshot } from "../snapshot.ts"
import { dayAndTime, grouped } from "./clock.ts"
import { severitySigns } from "./signs.ts"
import { isPresent, type PageState } from "./state.ts"

interface Condition {
  readonly name: "good" | "error" | "warning" | "muted"
  readonly sign: string
  readonly words: string
}

/** The state of the page, its server and the program. */
const conditionOf = ({ mode, lostAt, paused, snapshot }: PageState): Condition => {
  if (mode === "frozen")
    return { name: "muted", sign: "❄", words: `as of ${dayAndTime(snapshot.now)}` }
  if (lostAt !== undefined) return { name: "error", sign: "✕", words: "server not reached" }
  if (paused) return { name: "warning", sign: "‖", words: "paused" }
  const runs = latestRuns(snapshot)
  if (runs.length > 0 && runs.every(({ endedAt }) => endedAt !== undefined)) {
    return { name: "muted", sign: "◐", words: endText(runs) }
  }
  return snapshot.rows.length === 0
    ? { name: "muted", sign: "○", words: "waiting" }
    : { name: "good", sign: "●", words: "receiving" }
}

const endText = ([run]: ReadonlyArray<Run>): string =>
  run?.exit === undefined ? "program gone" : `program ended (${run.exit})`

/** The last run of each service. */
const latestRuns = ({ runs }: Snapshot): ReadonlyArray<Run> => [
  ...new Map(
    runs.toSorted((a, b) => a.number - b.number).map((run) => [run.service, run]),
  ).values(),
]

/** `register` is a service of its own beside the Layer of a program: the same process, which serves nothing there. */
const withoutDoubles = (runs: ReadonlyArray<Run>, { rows }: Snapshot): ReadonlyArray<Run> => {
  const served = new Set(rows.map(({ service }) => service))
  const pids = new Set(runs.flatMap(({ service, pid }) => (served.has(service) ? [pid] : [])))
  return runs.filter(
    ({ service, pid }) => served.has(service) || pid === undefined || !pids.has(pid),
  )
}

/** Runs with names are compared: none of them is the program that runs now. */
const runsText = (snapshot: Snapshot): string =>
  withoutDoubles(latestRuns(snapshot), snapshot)
    .filter(({ name }) => name === undefined)
    .map(({ service, pid, number }) =>
      [service, pid === undefined ? "" : `(pid ${pid})`, number > 1 ? `run ${number}` : ""]
        .filter((part) => part !== "")
        .join(" "),
    )
    .join(", ")

export const statusBar = (state: PageState): Markup => {
  const { snapshot, mode, paused } = state
  const { name, sign, words } = conditionOf(state)
  const present = snapshot.findings.filter(isPresent)
  const errors = present.filter(({ severity }) => severity === "error").length
  const { open, ended, lastHeard } = snapshot.counts
  return markup`<div class="about"><p class="brand">Scopeline</p>
<h1>${snapshot.title}</h1>
<p class="condition ${name}"><b aria-hidden="true">${sign}</b> ${words}</p>
<p class="program">${runsText(snapshot)}</p>
<p class="counts"><span>${grouped(open)} open</span> ${
    lastHeard === 0 ? undefined : markup`<span>${grouped(lastHeard)} last heard of</span> `
  }<span>${grouped(ended)} ended</span> ${
    errors === 0
      ? undefined
      : markup`<span class="error">${severitySigns.error} ${errors} ${errors === 1 ? "error" : "errors"}</span> `
  }${
    present.length === errors
      ? undefined
      : markup`<span class="warning">${severitySigns.warning} ${present.length - errors} ${
          present.length - errors === 1 ? "warning" : "warnings"
        }</span>`
  }</p>
${snapshot.otlp === undefined ? undefined : markup`<p class="otlp">OTLP <code>${snapshot.otlp}</code></p>`}</div>
<p class="actions">${mode === "live" ? liveActions(paused) : undefined}<button type="button" data-does="save">Save</button>
<button type="button" data-does="keys" aria-label="Keys">?</button></p>`
}

const liveActions = (paused: boolean): Markup =>
  markup`<button type="button" data-does="pause" aria-pressed="${paused ? "true" : "false"}">Pause</button>
<button type="button" data-does="clear">Clear</button>
`

/** In the title of the window: how many kinds of findings there are. */
export const titleText = ({ snapshot }: PageState): string => {
  const present = snapshot.findings.filter(isPresent).length
  return `${present === 0 ? "" : `(${present}) `}${snapshot.title} · Scopeline`
}
