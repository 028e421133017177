import { times } from "../../../otel/lifetimes/counted.ts"
import type { PlacedFinding } from "../../../otel/timeline/placed-finding.ts"
import { type Markup, markup } from "../markup.ts"
import type { ExchangeDetail, ExchangeRow, FindingKind } from "../snapshot.ts"
import { timeOfDay } from "./clock.ts"
import { codePlace, withShortPaths } from "./code-place.ts"
import { standingText } from "./finding-list.ts"
import { evidenceView, fixView } from "./finding-parts.ts"
import { findingSign, stateWords } from "./signs.ts"
import { barDetails, missingParent, spanList } from "./span-view.ts"
import {
  isOfExchange,
  isPresent,
  kindsById,
  type OldExchange,
  type PageState,
  shownOld,
  shownUntil,
} from "./state.ts"
import { timelineView } from "./timeline.ts"
import { matching } from "./within.ts"

/** One exchange rarely has more, and a sender may make any number. */
const mostFindings = 20

/** The exchange that the reader chose, with all its details; nothing if none is chosen. */
export const detailView = (state: PageState): Markup | undefined => {
  const { exchange: id } = state.choice
  if (id === undefined) return undefined
  const old = shownOld(state)
  const row = state.snapshot.rows.find((it) => it.id === id) ?? lastHeard(old)
  const detail = state.details.get(id)
  if (detail === undefined) return absentView(state, row)
  const kinds = kindsById(old ?? state.snapshot)
  const about = [...new Set(detail.kinds)].flatMap((kindId) => {
    const kind = kinds.get(kindId)
    const placed = detail.layout.findings[detail.kinds.indexOf(kindId)]
    return kind === undefined ? [] : [{ kind, placed }]
  })
  return markup`${head(
    state,
    detail,
    row,
    about.map(({ kind }) => kind),
  )}
${ageNote(state)}
${about.slice(0, mostFindings).map(({ kind, placed }) => findingView(kind, placed, state))}
${
  about.length > mostFindings
    ? markup`<p class="muted">${about.length - mostFindings} more kinds of findings are marked in the timeline.</p>`
    : undefined
}
${drawing(state, detail)}`
}

/** Says so if what is shown is not what the server knows now. */
const ageNote = (state: PageState): Markup | undefined => {
  const old = shownOld(state)
  if (old !== undefined) {
    return markup`<p class="old"><b aria-hidden="true">◐</b> This exchange is from before Scopeline was started again. You see it as it was at ${timeOfDay(old.at)}.</p>`
  }
  const { exchange: id } = state.choice
  return id !== undefined && state.missing.has(id)
    ? markup`<p class="old"><b aria-hidden="true">◐</b> Scopeline has let this exchange go. You see it as it was before.</p>`
    : undefined
}

/** What was open is not known to be open any more. */
const lastHeard = (old: OldExchange | undefined): ExchangeRow | undefined =>
  old?.row?.state === "open" ? { ...old.row, state: "last heard", lastHeardAt: old.at } : old?.row

/** It is still asked for, or it is not there any more. */
const absentView = (state: PageState, row: ExchangeRow | undefined): Markup => {
  const id = state.choice.exchange ?? ""
  const isMissing = state.missing.has(state.choice.exchange ?? "0.0") || state.mode === "frozen"
  const words = isMissing
    ? state.mode === "frozen"
      ? "This exchange is not kept whole in this file."
      : "This exchange is not here any more. It was dropped, or it was never received."
    : "Asking for it …"
  return markup`<header class="detail-head"><h2 tabindex="-1">${row?.route ?? `Exchange of trace ${id.slice(0, 8)}`}</h2>${buttons(false, undefined)}</header>
<p class="muted">${words}</p>`
}

const head = (
  state: PageState,
  { id, layout }: ExchangeDetail,
  row: ExchangeRow | undefined,
  about: ReadonlyArray<FindingKind>,
): Markup => {
  const words = row === undefined ? undefined : stateWords(row, about.filter(isOfExchange))
  const route =
    row?.route ?? layout.rows.find(({ kind }) => kind === "exchange")?.label ?? "Exchange"
  return markup`<header class="detail-head"><h2 tabindex="-1">${route} <small>${
    words === undefined ? "" : `${words.sign} ${words.word} · `
  }${timeOfDay(layout.origin, true)} · trace <code>${id.slice(0, 8)}</code></small></h2>
${steps(state, about)}${buttons(about.length > 0, about[0], state)}</header>`
}

/** The position of this one among the kept examples of its finding. */
const steps = ({ choice }: PageState, [kind]: ReadonlyArray<FindingKind>): Markup | undefined => {
  if (kind === undefined || choice.exchange === undefined) return undefined
  const at = kind.examples.indexOf(choice.exchange)
  if (at < 0 || kind.examples.length < 2) return undefined
  return markup`<p class="steps-through"><button type="button" data-does="previous-example" aria-label="Previous example">‹</button> ${
    at + 1
  } of ${kind.examples.length}${kind.count > kind.examples.length ? `, ${kind.count} in all` : ""} <button type="button" data-does="next-example" aria-label="Next example">›</button></p>`
}

const buttons = (found: boolean, kind: FindingKind | undefined, state?: PageState): Markup =>
  markup`<p class="actions">${
    found ? markup`<button type="button" data-does="copy">Copy</button> ` : undefined
  }<button type="button" data-does="link">Link</button> ${
    kind?.place !== undefined && state?.snapshot.editor !== undefined
      ? markup`<button type="button" data-does="editor">Editor</button> `
      : undefined
  }${jaegerLink(state)}<button type="button" data-does="back">Close</button></p>`

const jaegerLink = (state?: PageState): Markup | undefined => {
  const address = state?.snapshot.jaeger
  const traceId = state?.choice.exchange?.split(".")[0]
  if (address === undefined || traceId === undefined || !/^https?:/.test(address)) return undefined
  return markup`<a href="${address.replace(/\/$/, "")}/trace/${traceId}" target="_blank" rel="noreferrer">Jaeger</a> `
}

/** The finding, as it was about one exchange, and how to fix it. */
export const findingView = (
  kind: FindingKind,
  placed: PlacedFinding | undefined,
  state: PageState,
): Markup => {
  const { id, rule, severity, confidence, count, place, evidence, suggestion, message } = kind
  const standing = standingText(kind, state.snapshot)
  const present = isPresent(kind)
  return markup`<article class="finding ${present ? severity : "past"}" data-key="${id}">
<h3><b aria-hidden="true">${findingSign(kind, present)}</b> ${rule} <small>${severity} · ${confidence} · ${times(count)}</small></h3>
${standing === undefined ? undefined : markup`<p class="standing">${standing}</p>`}
<p>${withShortPaths(placed?.sentence ?? message, state.snapshot)}</p>
${place === undefined ? undefined : markup`<p>In the code: ${codePlace(place, state.snapshot)}</p>`}
<details${state.mode === "frozen" ? open : undefined}><summary>How to fix it</summary>${fixView(suggestion)}</details>
${
  Object.keys(evidence).length === 0
    ? undefined
    : markup`<details${state.mode === "frozen" ? open : undefined}><summary>Evidence</summary>${evidenceView(evidence)}</details>`
}
</article>`
}

const open = markup` open`

const callerNote = ({ id, spans }: ExchangeDetail): Markup | undefined => {
  const server = spans.find(({ spanId }) => id.endsWith(`.${spanId}`))
  const parent = server === undefined ? undefined : missingParent(server, spans)
  return parent === undefined
    ? undefined
    : markup`<p class="muted">Called by span <code>${parent}</code>, which was not received.</p>`
}

const drawing = (state: PageState, detail: ExchangeDetail): Markup => {
  const { choice, unfolded } = state
  const now = shownUntil(state)
  const { layout, spans } = matching(detail, state.within)
  const row = detail.layout.rows.find(({ spanId }) => spanId === choice.span)
  const span = detail.spans.find(({ spanId }) => spanId === choice.span)
  return markup`<section class="timeline" aria-label="Timeline">
<div class="tools"><span role="group" aria-label="Zoom"><button type="button" data-does="zoom-all">all</button> <button type="button" data-does="zoom-in" aria-label="Zoom in">+</button> <button type="button" data-does="zoom-out" aria-label="Zoom out">−</button></span>
<label class="search"><span>Search here</span> <input id="within" type="search" autocomplete="off" spellcheck="false"></label></div>
${callerNote(detail)}
${timelineView(layout, { now, window: choice.window, selected: choice.span, unfolded })}
</section>
${
  choice.span === undefined
    ? undefined
    : markup`<section class="bar-details" aria-label="Selected bar"><button type="button" class="unselect" data-does="bar" data-span="${choice.span}">Close</button>${barDetails(row, span, detail, state.snapshot.rows)}</section>`
}
<details class="all-spans" data-key="all-spans"${state.within === "" ? undefined : open}><summary>Spans (${spans.length}${
    spans.length === detail.spans.length ? "" : ` of ${detail.spans.length}`
  })</summary>${spanList(spans, layout.origin, choice.span)}</details>`
}
