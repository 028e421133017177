import { readFileSync } from "node:fs"
import { formatMillis } from "../../../otel/lifetimes/time.ts"
import { type Axis, axisFor, positionOn } from "../../../otel/timeline/axis.ts"
import { truncate, wrap } from "../../../otel/timeline/columns.ts"
import { condensed } from "../../../otel/timeline/condensed.ts"
import { noDifferences } from "../../../otel/timeline/difference.ts"
import type { Layout, Panel } from "../../../otel/timeline/layout.ts"
import { timeRule } from "../../../otel/timeline/legend.ts"
import type { PlacedFinding } from "../../../otel/timeline/placed-finding.ts"
import type { Row } from "../../../otel/timeline/row.ts"
import { ticksOn } from "../../../otel/timeline/ticks.ts"
import { Markup, markup } from "../markup.ts"
import { bar, fallsOf, landings, pixels, placed, pointer, type Scale } from "./lane.ts"
import { legendEntries } from "./legend.ts"
import { anchorOf, labelWidth } from "./tick.ts"
import { timelineStyle } from "./timeline-style.ts"

/** In pixels, as everything here. */
const width = 1000
const margin = 20
const labels = 320
const lasted = 80
const plot = { left: margin + labels, width: width - 2 * margin - labels - lasted } as const
const heights = { title: 24, axis: 24, row: 34, line: 18, gap: 26 } as const

/** The width of a character, on average: a picture cannot measure text. */
const characters = { fact: 6.4, sentence: 7.2 } as const

/** Nobody can read a taller picture. */
const mostRows = 60

/** Drawings one below the other on one axis, as a separate picture. */
export const picture = (panels: ReadonlyArray<Panel>): string => {
  const drawn = panels.map((panel) => ({ ...panel, layout: condensed(panel.layout, mostRows) }))
  const scale = pixels(axisFor(drawn.map(({ layout }) => layout)), plot.left, plot.width)
  let bottom = margin
  const parts = drawn.map((panel) => {
    const top = bottom
    bottom += heightOf(panel.layout) + heights.gap
    return panelAt(panel, scale, top)
  })
  const signs = legendAt(
    drawn.map(({ layout }) => layout),
    bottom,
    scale.axis,
  )
  const height = signs.bottom + margin
  const name = panels.map(({ title }) => title).join(", ")
  return markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Timelines: ${name}">
<style>${new Markup(timelineStyle + pictureStyle)}</style>
<rect class="page" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
${parts}
${signs.content}
</svg>
`.text
}

/** The signs that are used, in as few lines as they fit into, and how the axis counts. */
const legendAt = (layouts: ReadonlyArray<Layout>, top: number, axis: Axis) => {
  let [x, y] = [margin, top]
  const content = legendEntries(layouts, noDifferences).map(({ sign, meaning }) => {
    const room = 36 + meaning.length * characters.sentence + 14
    if (x + room > width - margin) [x, y] = [margin, y + 22]
    const entry = markup`<svg x="${x}" y="${y}" overflow="visible">${sign}</svg><text class="note" x="${x + 36}" y="${y + 12}">${meaning}</text>\n`
    x += room
    return entry
  })
  const rule = markup`<text class="note" x="${margin}" y="${y + 34}">Time: ${timeRule(axis)}.</text>\n`
  return { content: [content, rule], bottom: y + 38 }
}

const pictureStyle = readFileSync(new URL("./picture.css", import.meta.url), "utf8")

const head = heights.title + heights.axis

const heightOf = ({ rows, findings }: Layout): number =>
  head + rows.length * heights.row + findings.reduce((sum, it) => sum + noteHeight(it), 0)

const sentenceOf = ({ sentence }: PlacedFinding): ReadonlyArray<string> =>
  wrap(sentence, Math.floor((plot.width + lasted) / characters.sentence))

const noteHeight = (finding: PlacedFinding): number =>
  heights.line * (1 + sentenceOf(finding).length) + 16

const panelAt = (panel: Panel, scale: Scale, top: number): Markup => {
  const { layout, title, note } = panel
  const middles = middlesOf(layout, top + head)
  const falls = fallsOf(layout)
  return markup`<text class="title" x="${margin}" y="${top + 14}">${title}${
    note === undefined ? undefined : markup`<tspan class="note" dx="10">${note}</tspan>`
  }</text>
${axisAt(scale, top + heights.title, heightOf(layout) - heights.title)}
${falls.map(({ at, from, to }) => {
  const x = scale.x(positionOn(scale.axis, at))
  return markup`<line class="tie" x1="${x}" x2="${x}" y1="${middles[from]}" y2="${middles[to]}"/>`
})}
${layout.rows.map((row, index) => [
  rowAt(row, scale, middles[index] ?? 0, landings(scale, falls, index)),
  notesAt(layout, index, scale, middles[index] ?? 0),
])}`
}

/** The position of each row's bar: findings about a row stand below it. */
const middlesOf = ({ rows, findings }: Layout, top: number): ReadonlyArray<number> => {
  let bottom = top
  return rows.map((_, index) => {
    const middle = bottom + heights.row / 2
    bottom += heights.row
    for (const finding of findings) if (finding.row === index) bottom += noteHeight(finding)
    return middle
  })
}

const axisAt = (scale: Scale, top: number, height: number): Markup =>
  markup`<g class="axis">${ticksOn(scale.axis, plot.width, labelWidth).map((tick) => {
    const x = scale.x(tick.position / plot.width)
    return markup`<line x1="${x}" x2="${x}" y1="${top + 18}" y2="${top + height}"/><text x="${x}" y="${top + 12}" text-anchor="${anchorOf(tick, plot.width)}">${tick.label}</text>`
  })}</g>
`

const indent = 14

const rowAt = (row: Row, scale: Scale, middle: number, landed: ReadonlyArray<Markup>): Markup => {
  const x = margin + Math.min(8, row.depth) * indent
  const room = plot.left - x - 12
  const { start, end } = row.interval
  const time = end === undefined ? "open" : formatMillis(end - start)
  return markup`<text class="name ${row.kind}" x="${x}" y="${middle - 2}">${truncate(row.label, Math.floor(room / 7.8))}</text>
<text class="facts" x="${x}" y="${middle + 12}">${truncate(row.facts.join(", "), Math.floor(room / characters.fact))}</text>
<text class="lasted" x="${width - margin}" y="${middle + 4}" text-anchor="end">${time}</text>
<svg y="${middle}" overflow="visible">${[bar(scale, row), landed]}</svg>
`
}

const notesAt = (
  { findings }: Layout,
  row: number,
  scale: Scale,
  middle: number,
): ReadonlyArray<Markup> => {
  let top = middle + heights.row / 2
  return findings
    .filter((finding) => finding.row === row)
    .map((finding) => {
      const note = noteAt(finding, scale, top)
      top += noteHeight(finding)
      return note
    })
}

const noteAt = (finding: PlacedFinding, scale: Scale, top: number): Markup => {
  const { rule, severity, confidence } = finding
  const x = scale.x(positionOn(scale.axis, finding.at))
  const lines = sentenceOf(finding)
  const first = top + 26
  return markup`<g class="${severity}">
<svg y="${top - 8}" overflow="visible">${placed(x, pointer)}</svg>
<text class="rule" x="${plot.left}" y="${first}">${rule} · ${severity} · ${confidence}</text>
${lines.map((line, index) => markup`<text class="sentence" x="${plot.left}" y="${first + (index + 1) * heights.line}">${line}</text>`)}
</g>
`
}
