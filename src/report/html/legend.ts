import type { Differences } from "../../../otel/timeline/difference.ts"
import type { Layout } from "../../../otel/timeline/layout.ts"
import type { MarkKind, RowKind } from "../../../otel/timeline/row.ts"
import { sample, signs } from "./lane.ts"
import { type Markup, markup } from "./markup.ts"

const kinds: ReadonlyArray<readonly [RowKind, string]> = [
  ["client", "client"],
  ["exchange", "exchange"],
  ["scope", "scope"],
  ["resource", "subscription"],
  ["consumer", "stream"],
  ["fiber", "fiber"],
]

const marks: ReadonlyArray<readonly [keyof typeof signs & MarkKind, string]> = [
  ["scope-closed", "scope closes"],
  ["head-sent", "head sent"],
  ["first-event", "first event"],
]

/** Explains the signs that the layouts use. */
export const legend = (layouts: ReadonlyArray<Layout>, differences: Differences): Markup => {
  const rows = layouts.flatMap((layout) => layout.rows)
  const ties = layouts.flatMap((layout) => layout.ties)
  const differing = new Set([...differences.values()].map(({ kind }) => kind))
  const entries = [
    ...kinds
      .filter(([kind]) => rows.some((row) => row.kind === kind))
      .map(([kind, meaning]) => entry(sample(kind), meaning)),
    ...marks
      .filter(([kind]) => rows.some((row) => row.marks.some((mark) => mark.kind === kind)))
      .map(([kind, meaning]) => entry(signs[kind], meaning)),
    ...(ties.some(({ readers }) => readers.some(({ cutOff }) => cutOff))
      ? [entry(signs.tie, "what that cuts off")]
      : []),
    ...(rows.some(({ interval }) => interval.end === undefined)
      ? [entry(signs.open, "still open")]
      : []),
    ...(rows.some(({ interval }) => interval.start < 0)
      ? [entry(signs.early, "began before the request arrived")]
      : []),
    ...(differing.has("only") ? [words("+ only here", "not in the other drawing")] : []),
    ...(differing.has("unlike") ? [words("≠ differs", "not like that in the other drawing")] : []),
    markup`<li>Time is even up to 1 ms, then in tenfold steps.</li>`,
  ]
  return markup`<ul class="legend" aria-label="Legend">${entries}</ul>`
}

const entry = (sign: Markup, meaning: string): Markup =>
  markup`<li><svg class="sign" aria-hidden="true">${sign}</svg> ${meaning}</li>`

const words = (sign: string, meaning: string): Markup =>
  markup`<li><span class="difference">${sign}</span> ${meaning}</li>`
