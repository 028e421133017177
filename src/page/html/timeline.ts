import { axisFor } from "../../../otel/timeline/axis.ts"
import { condensed } from "../../../otel/timeline/condensed.ts"
import { type Differences, noDifferences } from "../../../otel/timeline/difference.ts"
import type { Layout, Panel } from "../../../otel/timeline/layout.ts"
import { type Markup, markup } from "../markup.ts"
import { type Fall, fallsOf, percentages, type Scale } from "../svg/lane.ts"
import { axis } from "../view/axis.ts"
import { legend } from "../view/legend.ts"
import { findingRow, lifetimeRow } from "./row.ts"

/** More rows than this nobody looks through; every span is in the table of the report. */
const mostRows = 200

/**
 * Drawings one below the other on one axis, which fit whatever width they are given. `name` begins
 * the ids of what is in them.
 */
export const timelines = (
  panels: ReadonlyArray<Panel>,
  name: string,
  differences: Differences = noDifferences,
): Markup => {
  const drawn = panels.map((panel) => ({ ...panel, layout: condensed(panel.layout, mostRows) }))
  const layouts = drawn.map(({ layout }) => layout)
  const scale = percentages(axisFor(layouts))
  return markup`<div class="timelines">
${drawn.map((panel, index) => timeline(panel, `${name}-${index}`, scale, differences))}
${legend(layouts, differences, scale.axis)}
</div>`
}

const timeline = (
  { title, note, layout }: Panel,
  id: string,
  scale: Scale,
  differences: Differences,
): Markup => markup`<section class="timeline" aria-labelledby="${id}">
<h3 id="${id}">${title}${note === undefined ? undefined : markup` <small>${note}</small>`}</h3>
<div class="plot">${axis(scale)}
<ol class="rows">${rowsOf(layout, id, scale, differences)}</ol>
</div>
${omitted(layout)}</section>`

const rowsOf = (
  layout: Layout,
  id: string,
  scale: Scale,
  differences: Differences,
): ReadonlyArray<Markup> => {
  const falls: ReadonlyArray<Fall> = fallsOf(layout)
  return layout.rows.flatMap((row, index) => [
    lifetimeRow({
      row,
      index,
      id: `${id}-${index}`,
      scale,
      falls,
      difference: differences.get(row),
    }),
    ...layout.findings
      .filter((finding) => finding.row === index)
      .map((finding) => findingRow({ finding, index, scale, falls })),
  ])
}

const omitted = ({ omitted: count }: Layout): Markup | undefined =>
  count === 0
    ? undefined
    : markup`<p class="muted">${count} more lifetimes are not drawn.</p>
`
