import { type Tick, ticksOn } from "../../../otel/timeline/ticks.ts"
import { type Markup, markup } from "../markup.ts"
import type { Scale } from "../svg/lane.ts"
import { anchorOf, labelWidth } from "../svg/tick.ts"

/** Only the page knows how many labels fit: it shows one of these sets. */
const widths = [
  { name: "wide", pixels: 720 },
  { name: "narrow", pixels: 330 },
] as const

/** The labels of the time axis and the lines below them, behind something of the drawing's height. */
export const axis = (scale: Scale): ReadonlyArray<Markup> =>
  widths.map(
    ({ name, pixels }) =>
      markup`<svg class="axis ${name}" aria-hidden="true">${ticksOn(
        scale.axis,
        pixels,
        labelWidth,
      ).map((tick) => tickOf(tick, pixels, scale))}</svg>`,
  )

const tickOf = (tick: Tick, width: number, scale: Scale): Markup => {
  const x = scale.x(tick.position / width)
  return markup`<line x1="${x}" x2="${x}" y1="18" y2="100%"/><text x="${x}" y="12" text-anchor="${anchorOf(tick, width)}">${tick.label}</text>`
}
