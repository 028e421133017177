import { plural, times } from "../../../otel/lifetimes/counted.ts"
import { whereFound } from "../../../otel/lifetimes/where-found.ts"
import { type Markup, markup } from "../markup.ts"
import type { FindingKind, Snapshot } from "../snapshot.ts"
import { agoText, grouped, timeOfDay } from "./clock.ts"
import { codePlace, withShortPaths } from "./code-place.ts"
import { runName } from "./run-name.ts"
import { findingSign } from "./signs.ts"
import { isPresent, type PageState } from "./state.ts"

/** Nobody reads more than this, and a sender may make any number. */
const mostFindings = 100

/** One line for each kind, the standing ones first; without any, what that means. */
export const findingList = (state: PageState): Markup => {
  const { findings } = state.snapshot
  const present = findings.filter(isPresent)
  const shown = [...present, ...findings.filter((kind) => !isPresent(kind))].slice(0, mostFindings)
  const more = findings.length - shown.length
  const count = findings.length === 0 ? "" : ` (${grouped(findings.length)})`
  return markup`<h2 id="findings-name">Findings${count}</h2>
${present.length === 0 ? nothingFound(state) : undefined}
<ul class="findings">${shown.map((kind) => findingLine(kind, state))}</ul>
${more > 0 ? inShort(findings.filter((kind) => !shown.includes(kind))) : undefined}`
}

/** A page lists more of them than this in no form. */
const mostInShort = 1_000

/** Those that nobody reads at length: none is left out. */
const inShort = (kinds: ReadonlyArray<FindingKind>): Markup =>
  markup`<details><summary>${grouped(kinds.length)} more kinds of findings, in short</summary><ul>${kinds
    .slice(0, mostInShort)
    .map(
      (kind) =>
        markup`<li>${[kind.rule, kind.severity, times(kind.count), ...whereFound(kind)].join(" · ")}</li>`,
    )}</ul></details>`

const nothingFound = ({ snapshot: { counts, findings } }: PageState): Markup => {
  const { judged, open, lastHeard } = counts
  if (judged === 0) return markup`<p class="muted">Nothing could be judged yet.</p>`
  const waiting = [
    open === 0 ? "" : `, ${grouped(open)} open not judged yet`,
    lastHeard === 0
      ? ""
      : `, ${grouped(lastHeard)} ${plural(lastHeard, "was", "were")} open when last heard of`,
  ].join("")
  return markup`<p><b aria-hidden="true">✓</b> No problems ${
    findings.some(({ state }) => state === "gone") ? "left" : "found"
  }: ${grouped(judged)} ${judged === 1 ? "exchange" : "exchanges"} judged${waiting}.</p>`
}

const findingLine = (kind: FindingKind, state: PageState): Markup => {
  const { id, rule, severity, confidence, message, count, place } = kind
  const [example] = kind.examples
  const present = isPresent(kind)
  const isSelected =
    example !== undefined &&
    kind.examples.includes(state.choice.exchange ?? example) &&
    state.choice.exchange !== undefined
  const often = count === 1 ? "once" : `×${grouped(count)}`
  const content = markup`<span class="heading"><b class="sign" aria-hidden="true">${findingSign(
    kind,
    present,
  )}</b> <strong>${rule}</strong>${
    present && state.mode === "live" && !state.seen.has(id)
      ? markup` <em class="new">new</em>`
      : undefined
  } <span class="sure">${severity} · ${confidence} · ${often}</span> <span class="ago">${lastText(
    kind,
    state,
  )}</span></span>${
    state.mode === "live"
      ? markup`
<span class="message">${withShortPaths(message, state.snapshot)}</span>`
      : undefined
  }`
  return markup`<li class="finding ${present ? severity : "past"}" data-key="${id}">${
    example === undefined
      ? markup`<div class="target">${content}</div>`
      : markup`<a class="target" href="#/x/${example}" data-kind="${id}"${isSelected ? current : undefined}>${content}</a>`
  }
<p class="where">${whereFound(kind).join(" · ")}${
    place === undefined ? undefined : markup` · ${codePlace(place, state.snapshot)}`
  }</p>${standing(kind, state.snapshot)}</li>`
}

const current = markup` aria-current="true"`

const lastText = ({ lastAt }: FindingKind, { mode, now }: PageState): string =>
  mode === "live" ? agoText(now, lastAt) : timeOfDay(lastAt)

/** What became of it since it was found, and what else is to be said of it. */
export const standingText = (kind: FindingKind, snapshot: Snapshot): string | undefined => {
  const known = kind.known === undefined ? undefined : `Known: ${kind.known}`
  const said = [stateText(kind, snapshot), kind.note, known].filter((part) => part !== undefined)
  return said.length === 0 ? undefined : said.join(" ")
}

const stateText = (
  { state, explainedBy, judgedSince, run }: FindingKind,
  { runs }: Snapshot,
): string | undefined => {
  const latest = runs.reduce((most, { number }) => Math.max(most, number), 1)
  if (state === "withdrawn") {
    return explainedBy === undefined ? "Withdrawn." : `Withdrawn: explained by ${explainedBy}.`
  }
  if (state === "gone") {
    const judged =
      judgedSince === undefined
        ? ""
        : `: ${grouped(judgedSince)} ${judgedSince === 1 ? "exchange" : "exchanges"} of the route judged`
    return `Gone in ${runName(runs, latest)}${judged}.`
  }
  if (state === "still there") return `Still there in ${runName(runs, run)}.`
  if (state === "back") return `Back in ${runName(runs, run)}.`
  return state === "not judged yet" ? `Not judged yet in ${runName(runs, latest)}.` : undefined
}

const standing = (kind: FindingKind, snapshot: Snapshot): Markup | undefined => {
  const text = standingText(kind, snapshot)
  return text === undefined ? undefined : markup`<p class="standing">${text}</p>`
}
