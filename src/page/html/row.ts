import { formatMillis } from "../../../otel/lifetimes/time.ts"
import { positionOn } from "../../../otel/timeline/axis.ts"
import type { Difference } from "../../../otel/timeline/difference.ts"
import type { PlacedFinding } from "../../../otel/timeline/placed-finding.ts"
import type { MarkKind, Row } from "../../../otel/timeline/row.ts"
import { type Markup, markup } from "../markup.ts"
import { bar, type Fall, landings, placed, pointer, type Scale } from "../svg/lane.ts"
import { differenceWords } from "../svg/legend.ts"

/** A place in a drawing: what falls past it, and by which scale it is drawn. */
interface Place {
  readonly index: number
  readonly scale: Scale
  readonly falls: ReadonlyArray<Fall>
}

interface LifetimeRow extends Place {
  readonly row: Row
  readonly id: string
  readonly difference: Difference | undefined
}

const deepest = 8

/** A lifetime: its name, its bar, how long it lasted, and the rest of it for who points at it. */
export const lifetimeRow = ({ row, id, difference, ...place }: LifetimeRow): Markup =>
  markup`<li class="row depth-${Math.min(deepest, row.depth)}">
<button type="button" class="label" data-span="${row.spanId}" aria-describedby="${id}"><span class="name ${row.kind}">${row.label}</span>
<span class="facts">${row.facts.join(", ")}</span></button>
<svg class="lane" aria-hidden="true">${[
    fallsAt(place),
    markup`<g class="middle">${[bar(place.scale, row), landings(place.scale, place.falls, place.index)]}</g>`,
  ]}</svg>
<span class="lasted">${lastedText(row)}${difference === undefined ? undefined : chip(difference)}</span>
${card(row, id, difference)}
</li>`

const lastedText = ({ interval: { start, end } }: Row): string =>
  end === undefined ? "open" : formatMillis(end - start)

const chip = ({ kind }: Difference): Markup =>
  markup` <span class="difference">${differenceWords[kind]}</span>`

const markNames: Readonly<Record<MarkKind, string>> = {
  "scope-closed": "began to close",
  released: "released",
  "head-sent": "head sent",
  "first-event": "first event",
  "stream-ended": "ended",
}

/** Its end says the same. */
const ends: ReadonlySet<MarkKind> = new Set(["released", "stream-ended"])

const card = (row: Row, id: string, difference: Difference | undefined): Markup => {
  const { start, end } = row.interval
  const entries: ReadonlyArray<readonly [string, string]> = [
    ["began at", formatMillis(start)],
    ...row.marks
      .filter(({ kind }) => !ends.has(kind))
      .map(({ kind, at }) => [markNames[kind], formatMillis(at)] as const),
    ["ended at", end === undefined ? "still open" : formatMillis(end)],
    ...row.details,
    ...(difference === undefined ? [] : [["compared", difference.text] as const]),
    ["span", row.spanId],
  ]
  return markup`<div class="card" role="tooltip" id="${id}"><dl>${entries.map(
    ([key, value]) => markup`<div><dt>${key}</dt><dd>${value}</dd></div>`,
  )}</dl></div>`
}

interface FindingRow extends Place {
  readonly finding: PlacedFinding
}

/** A finding below the row where it shows, with a pointer at its moment. */
export const findingRow = ({ finding, ...place }: FindingRow): Markup => {
  const { rule, severity, confidence, sentence, at } = finding
  const x = place.scale.x(positionOn(place.scale.axis, at))
  return markup`<li class="finding ${severity}">
<svg class="lane" aria-hidden="true">${[fallsPast(place), placed(x, pointer)]}</svg>
<div class="sentence"><p><strong>${rule}</strong> · ${severity} · ${confidence}</p>
<p>${sentence}</p></div>
</li>`
}

/** What falls through a row, or begins or ends at its middle. */
const fallsAt = ({ index, scale, falls }: Place): ReadonlyArray<Markup> =>
  falls
    .filter(({ from, to }) => from <= index && index <= to)
    .map(({ at, from, to }) =>
      fall(scale, at, index === from ? "below" : index === to ? "above" : "through"),
    )

/** What falls through that which stands between a row and the next one. */
const fallsPast = ({ index, scale, falls }: Place): ReadonlyArray<Markup> =>
  falls
    .filter(({ from, to }) => from <= index && index < to)
    .map(({ at }) => fall(scale, at, "through"))

const fall = (scale: Scale, moment: number, part: string): Markup => {
  const x = scale.x(positionOn(scale.axis, moment))
  return markup`<line class="tie ${part}" x1="${x}" x2="${x}" y1="0" y2="100%"/>`
}
