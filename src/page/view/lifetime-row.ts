import { formatMillis } from "../../../otel/lifetimes/time.ts"
import { positionOn } from "../../../otel/timeline/axis.ts"
import type { Difference } from "../../../otel/timeline/difference.ts"
import type { PlacedFinding } from "../../../otel/timeline/placed-finding.ts"
import type { Row } from "../../../otel/timeline/row.ts"
import { type Markup, markup } from "../markup.ts"
import { bar, type Fall, landings, placed, pointer, type Scale } from "../svg/lane.ts"
import { differenceWords } from "../svg/legend.ts"
import type { Fold } from "./folded-rows.ts"

/** A place in a drawing: what falls past it, and by which scale it is drawn. */
interface Place {
  readonly index: number
  readonly scale: Scale
  readonly falls: ReadonlyArray<Fall>
}

interface LifetimeRow extends Place {
  readonly row: Row
  readonly difference: Difference | undefined
  readonly fold: Fold | undefined
  readonly selected: boolean
  /** How long it has been open, in milliseconds. */
  readonly age: number
}

const deepest = 8

/** A lifetime: its name, its bar, how long it lasted. What else is known stands beside the drawing. */
export const lifetimeRow = ({
  row,
  difference,
  fold,
  selected,
  age,
  ...place
}: LifetimeRow): Markup =>
  markup`<li class="row depth-${Math.min(deepest, row.depth)}${selected ? " selected" : ""}" data-key="${row.spanId}">
<button type="button" class="label" data-does="bar" data-span="${row.spanId}" aria-pressed="${
    selected ? "true" : "false"
  }"><span class="name ${row.kind}">${row.label}</span>
<span class="facts">${row.facts.join(", ")}</span></button>
<svg class="lane" aria-hidden="true">${[
    fallsAt(place),
    markup`<g class="middle">${[bar(place.scale, row), landings(place.scale, place.falls, place.index)]}</g>`,
  ]}</svg>
<span class="lasted">${lastedText(row, age)}${difference === undefined ? undefined : chip(difference)}</span>${
    fold === undefined ? undefined : foldButton(fold)
  }</li>`

const lastedText = ({ interval: { start, end } }: Row, age: number): string =>
  end === undefined ? `open, ${formatMillis(Math.max(0, age - start))}` : formatMillis(end - start)

const chip = ({ kind }: Difference): Markup =>
  markup` <span class="difference">${differenceWords[kind]}</span>`

const foldButton = ({ key, count, unfolded }: Fold): Markup =>
  markup`<button type="button" class="unfold" data-does="fold" data-fold="${key}" aria-expanded="${
    unfolded ? "true" : "false"
  }">${unfolded ? `▾ fold ${count}` : `▸ show ${count}`}</button>`

interface FindingRow extends Place {
  readonly finding: PlacedFinding
  /** Whether its sentence stands here, and not beside the drawing. */
  readonly told: boolean
}

/** A finding below the row where it shows, with a pointer at its moment. */
export const findingRow = ({ finding, told, ...place }: FindingRow): Markup => {
  const { rule, severity, confidence, sentence, at } = finding
  const x = place.scale.x(positionOn(place.scale.axis, at))
  return markup`<li class="note ${severity}">
<svg class="lane" aria-hidden="true">${[fallsPast(place), placed(x, pointer)]}</svg>
<div class="sentence"><p><strong>${rule}</strong> · ${severity} · ${confidence}</p>
${told ? markup`<p>${sentence}</p>` : undefined}</div>
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
