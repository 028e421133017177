import type { Axis } from "../../../otel/timeline/axis.ts"
import type { Differences } from "../../../otel/timeline/difference.ts"
import type { Layout } from "../../../otel/timeline/layout.ts"
import { timeRule } from "../../../otel/timeline/legend.ts"
import { type Markup, markup } from "../markup.ts"
import { type Entry, legendEntries } from "../svg/legend.ts"

/** Explains the signs that the layouts use. */
export const legend = (
  layouts: ReadonlyArray<Layout>,
  differences: Differences,
  axis: Axis,
): Markup =>
  markup`<ul class="legend" aria-label="Legend">${legendEntries(layouts, differences).map(item)}<li>Time: ${timeRule(axis)}.</li></ul>`

const item = ({ sign, meaning }: Entry): Markup =>
  markup`<li>${
    typeof sign === "string"
      ? markup`<span class="difference">${sign}</span>`
      : markup`<svg class="sign" aria-hidden="true">${sign}</svg>`
  } ${meaning}</li>`
