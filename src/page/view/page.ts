import { Markup, markup } from "../markup.ts"
import { checklist } from "./checklist.ts"
import { timeOfDay } from "./clock.ts"
import { detailView } from "./detail.ts"
import { drawings } from "./drawings.ts"
import { entryMarkup, haveServices } from "./exchange-row.ts"
import { filters } from "./filters.ts"
import { findingList } from "./finding-list.ts"
import { heldList } from "./held-list.ts"
import { keysView } from "./keys.ts"
import { entriesOf, listed } from "./listing.ts"
import { savingView } from "./saving.ts"
import { kindsById, type PageState } from "./state.ts"
import { statusBar } from "./status-bar.ts"
import { streamsView } from "./streams.ts"

/** Rows of exchanges in a file that is read without its script. */
const mostRowsWithoutScript = 200

/** The parts of the page; one that is `undefined` is hidden. */
export type Regions = Readonly<Record<RegionName, Markup | undefined>>

export const regionNames = [
  "bar",
  "banner",
  "streams",
  "steps",
  "verdict",
  "findings",
  "held",
  "drawings",
  "filters",
  "notes",
  "detail",
  "environment",
] as const

export type RegionName = (typeof regionNames)[number]

/** Parts that take long to draw. */
type LargeRegions = Pick<Regions, "drawings" | "detail">

export const drawingsOf = (state: PageState): Markup | undefined =>
  state.mode === "frozen" ? drawings(state) : undefined

/** Every part except the list of exchanges; `shown` is how many of them are listed. */
export const regionsOf = (
  state: PageState,
  shown: number,
  large: LargeRegions = { drawings: drawingsOf(state), detail: detailView(state) },
): Regions => {
  const { snapshot, mode } = state
  const isEmpty = snapshot.rows.length === 0 && snapshot.findings.length === 0
  return {
    bar: statusBar(state),
    banner: banner(state),
    streams: mode === "live" && snapshot.streams !== undefined ? streamsView(snapshot) : undefined,
    steps:
      isEmpty && mode === "live" && snapshot.streams === undefined
        ? checklist(snapshot)
        : undefined,
    verdict: verdict(state),
    findings: isEmpty && mode === "live" ? undefined : findingList(state),
    held:
      snapshot.held.length === 0 && (isEmpty || mode === "frozen") ? undefined : heldList(state),
    drawings: large.drawings,
    filters: isEmpty ? undefined : filters(state, shown),
    notes: notes(state),
    detail: large.detail,
    environment: environment(state),
  }
}

const banner = ({ lostAt, mode }: PageState): Markup | undefined =>
  mode === "frozen" || lostAt === undefined
    ? undefined
    : markup`<p><b aria-hidden="true">✕</b> The server of this page has not answered since ${timeOfDay(lostAt)}. What was received stays here: you can read, search and save it. The page goes on by itself when the server is back.</p>`

const outcomeSigns = { good: "✓", warning: "▲", error: "✕", unknown: "?" } as const

const verdict = ({ snapshot: { outcome, verdict = [] } }: PageState): Markup | undefined =>
  verdict.length === 0 && outcome === undefined
    ? undefined
    : markup`${
        outcome === undefined
          ? undefined
          : markup`<p class="outcome ${outcome.kind}"><strong><b aria-hidden="true">${outcomeSigns[outcome.kind]}</b> ${outcome.text}</strong></p>`
      }${verdict.map((sentence) => markup`<p>${sentence}</p>`)}`

const notes = ({ snapshot: { notes } }: PageState): Markup | undefined =>
  notes.length === 0
    ? undefined
    : markup`<h2 id="notes-name">Notes</h2><ul>${notes.map((note) => markup`<li>${note}</li>`)}</ul>`

const environment = ({ snapshot: { environment = [] } }: PageState): Markup | undefined =>
  environment.length === 0
    ? undefined
    : markup`<h2 id="environment-name">Made with</h2><dl>${environment.map(
        ([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`,
      )}</dl>`

/** The whole body. A file looks like this if its script does not run. */
export const pageBody = (state: PageState): Markup => {
  const { snapshot, choice, unfolded, now } = state
  const kinds = kindsById(snapshot)
  const rows = listed(snapshot.rows, choice, kinds, now)
  const context = {
    kinds,
    now,
    selected: choice.exchange,
    runs: snapshot.runs,
    hasServices: haveServices(snapshot.rows),
  }
  const entries = entriesOf(rows.slice(0, mostRowsWithoutScript), choice.order, unfolded)
  const regions = regionsOf(state, rows.length)
  const region = (
    name: RegionName,
    tag: "section" | "header" | "div",
    attributes: Markup,
  ): Markup => {
    const content = regions[name]
    const hidden = content === undefined ? markup` hidden` : undefined
    const element = new Markup(tag)
    return markup`<${element} id="${name}"${attributes}${hidden}>${content}</${element}>`
  }
  return markup`<a class="skip" href="#exchanges">To the exchanges</a>
<div class="top">${region("bar", "header", markup``)}
${region("banner", "div", markup` role="alert"`)}</div>
<p id="news" role="status" class="unseen"></p>
<main>
<div id="overview">
${region("streams", "section", markup` aria-labelledby="streams-name"`)}
${region("steps", "section", markup` aria-labelledby="steps-name"`)}
${region("verdict", "section", markup` aria-label="Verdict"`)}
<div class="two">
${region("findings", "section", markup` aria-labelledby="findings-name"`)}
${region("held", "section", markup` aria-labelledby="held-name"`)}
</div>
${region("drawings", "section", markup` aria-label="What was found, drawn"`)}
</div>
<div id="work">
<section id="exchanges" aria-labelledby="exchanges-name" tabindex="-1">
${region("filters", "div", markup``)}
<button type="button" id="pill" data-does="news" hidden></button>
${columnHeads(entries.length === 0)}
<ol id="list" aria-label="Exchanges">${entries.map((entry) => entryMarkup(entry, context))}</ol>
<p id="more" class="muted"${rows.length <= mostRowsWithoutScript ? markup` hidden` : undefined}>${
    rows.length > mostRowsWithoutScript
      ? `${rows.length - mostRowsWithoutScript} more exchanges are listed when the script of this page runs.`
      : ""
  }</p>
${region("notes", "section", markup` aria-labelledby="notes-name"`)}
</section>
${region("detail", "section", markup` aria-label="Exchange"`)}
</div>
${region("environment", "section", markup` aria-labelledby="environment-name"`)}
</main>
<dialog id="keys" aria-labelledby="keys-name">${keysView(state.keyboard)}</dialog>
<dialog id="saving" aria-labelledby="saving-name">${savingView}</dialog>`
}

const columnHeads = (hidden: boolean): Markup =>
  markup`<p class="heads" id="heads"${hidden ? markup` hidden` : undefined}><button type="button" class="time" data-does="order" data-order="time" aria-pressed="true">time</button><button type="button" class="state" data-does="order" data-order="age" aria-pressed="false">state</button><span class="route">route</span><span class="status">status</span><button type="button" class="lasted" data-does="order" data-order="lasted" aria-pressed="false">lasted</button><span class="length"></span><button type="button" class="events" data-does="order" data-order="events" aria-pressed="false">events</button><span class="ender">ended by</span><span class="rules">problem</span></p>`
