import { millisBetween } from "../../../otel/lifetimes/time.ts"
import { type Axis, axisFor } from "../../../otel/timeline/axis.ts"
import { condensed } from "../../../otel/timeline/condensed.ts"
import { type Differences, noDifferences } from "../../../otel/timeline/difference.ts"
import type { Layout } from "../../../otel/timeline/layout.ts"
import { type Markup, markup } from "../markup.ts"
import { fallsOf, percentages } from "../svg/lane.ts"
import { axis } from "./axis.ts"
import type { TimeWindow } from "./choice.ts"
import { folded } from "./folded-rows.ts"
import { legend } from "./legend.ts"
import { findingRow, lifetimeRow } from "./lifetime-row.ts"

/** Nobody looks through more rows than this; the search leads to each of the others. */
const mostRows = 100

interface TimelineView {
  readonly now: number
  /** For several drawings with one axis. */
  readonly axis?: Axis
  readonly window: TimeWindow | undefined
  readonly selected: string | undefined
  readonly unfolded: ReadonlySet<string>
  /** Whether the sentences of findings stand in the drawing. */
  readonly told?: boolean
  /** Whether the signs are explained elsewhere. */
  readonly isExplained?: boolean
  readonly differences?: Differences
}

/** How far it reaches now: what is open goes on. */
export const grown = (layout: Layout, now: number): Layout =>
  layout.open ? { ...layout, end: Math.max(layout.end, millisBetween(layout.origin, now)) } : layout

/** The axis of an exchange: up to now while it is open, or the chosen part. */
export const axisOf = (layout: Layout, now: number, window: TimeWindow | undefined): Axis => {
  if (window !== undefined) return { start: window.from, end: window.to, shape: "even" }
  const { end, open } = grown(layout, now)
  return open ? { end } : axisFor([{ end, open }])
}

/** One exchange as a drawing: a row for each lifetime, and below a row the findings about it. */
export const timelineView = (whole: Layout, view: TimelineView): Markup => {
  const { layout: fold, folds } = folded(grown(whole, view.now), view.unfolded)
  const layout = condensed(fold, mostRows)
  const scale = percentages(view.axis ?? axisOf(layout, view.now, view.window))
  const falls = fallsOf(layout)
  const differences = view.differences ?? noDifferences
  const rows = layout.rows.flatMap((row, index) => [
    lifetimeRow({
      row,
      index,
      scale,
      falls,
      difference: differences.get(row),
      fold: folds.get(row.spanId),
      selected: row.spanId === view.selected,
      age: layout.end,
    }),
    ...layout.findings
      .filter((finding) => finding.row === index)
      .map((finding) => findingRow({ finding, index, scale, falls, told: view.told === true })),
  ])
  return markup`<div class="plot">${axis(scale)}<div class="ruler" data-ruler title="Drag to look at a part"></div>
<ol class="rows">${rows}</ol>
</div>
${omitted(layout)}${view.isExplained === true ? undefined : legend([layout], differences, scale.axis)}`
}

const omitted = ({ omitted: count }: Layout): Markup | undefined =>
  count === 0
    ? undefined
    : markup`<p class="muted">${count} more lifetimes are not drawn: search for them here.</p>
`
