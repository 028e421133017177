import { axisFor } from "../../../otel/timeline/axis.ts"
import { differencesOf, noDifferences } from "../../../otel/timeline/difference.ts"
import type { Panel } from "../../../otel/timeline/layout.ts"
import { type Markup, markup } from "../markup.ts"
import type { Drawing, ExchangeDetail, FindingKind } from "../snapshot.ts"
import { timeOfDay } from "./clock.ts"
import { findingView } from "./detail.ts"
import { legend } from "./legend.ts"
import { isPresent, type PageState } from "./state.ts"
import { grown, timelineView } from "./timeline.ts"

/** Nobody looks through more drawings than this. */
const mostDrawings = 10
const mostFindings = 100

/**
 * What a file shows of the findings: the drawings that its command chose, and each kind with all its details.
 */
export const drawings = (state: PageState): Markup => {
  const { findings, drawings: given } = state.snapshot
  const kinds = findings.slice(0, mostFindings)
  const more = findings.length - kinds.length
  return markup`${given?.map((drawing) => group(drawing, state))}
${given === undefined ? examples(kinds, state) : kinds.map((kind) => findingView(kind, undefined, state))}
${more > 0 ? markup`<p class="muted">${more} more kinds of findings are not shown whole.</p>` : undefined}`
}

interface Drawn extends Panel {
  readonly detail: ExchangeDetail
}

const group = ({ heading, panels, compared }: Drawing, state: PageState): Markup => {
  const drawn = panels.flatMap(({ id, title, note }): ReadonlyArray<Drawn> => {
    const detail = state.details.get(id)
    if (detail === undefined) return []
    return [
      {
        detail,
        title,
        layout: grown(detail.layout, state.now),
        ...(note === undefined ? {} : { note }),
      },
    ]
  })
  const axis = axisFor(drawn.map(({ layout }) => layout))
  const differences = compared ? differencesOf(drawn) : noDifferences
  return markup`<section class="drawing"><h2>${heading ?? "Timeline"}</h2>
${drawn.map(
  ({
    title,
    note,
    layout,
    detail,
  }) => markup`<section class="timeline" id="/x/${detail.id}" aria-label="${title}">
<h3><a href="#/x/${detail.id}">${title}</a> <small>${note}</small></h3>
${timelineView(layout, { ...plainView(state), axis, differences, told: true, isExplained: true })}</section>`,
)}${legend(
  drawn.map(({ layout }) => layout),
  differences,
  axis,
)}</section>`
}

const plainView = ({ now, unfolded }: PageState) => ({
  now,
  unfolded,
  window: undefined,
  selected: undefined,
})

/** Each kind with the drawing of its first example, while there are few; without any kind, what there is. */
const examples = (kinds: ReadonlyArray<FindingKind>, state: PageState): ReadonlyArray<Markup> => {
  const shown = new Set<string>()
  const parts = kinds
    .toSorted((a, b) => Number(isPresent(b)) - Number(isPresent(a)))
    .map((kind) => {
      const detail = kind.examples.flatMap((id) => state.details.get(id) ?? [])[0]
      const placed = detail?.layout.findings[detail.kinds.indexOf(kind.id)]
      const isNew = detail !== undefined && !shown.has(detail.id) && shown.size < mostDrawings
      if (isNew) shown.add(detail.id)
      return markup`<section class="drawing">${findingView(kind, placed, state)}
${isNew ? exampleView(detail, state) : undefined}</section>`
    })
  if (kinds.length > 0) return parts
  return [...state.details.values()]
    .slice(0, 2)
    .map((detail) => markup`<section class="drawing">${exampleView(detail, state)}</section>`)
}

const exampleView = (detail: ExchangeDetail, state: PageState): Markup => {
  const { id, layout } = detail
  const route = layout.rows.find(({ kind }) => kind === "exchange")?.label ?? "Exchange"
  return markup`<section class="timeline" id="/x/${id}" aria-label="${route}, trace ${id.slice(0, 8)}">
<h3><a href="#/x/${id}">${route}</a> <small>${timeOfDay(layout.origin, true)} · trace <code>${id.slice(0, 8)}</code></small></h3>
${timelineView(layout, plainView(state))}</section>`
}
