import { lifetimeKinds } from "../../../otel/lifetimes/terms.ts"
import type { Differences } from "../../../otel/timeline/difference.ts"
import type { Layout } from "../../../otel/timeline/layout.ts"
import { hasOwnEvents } from "../../../otel/timeline/legend.ts"
import type { MarkKind } from "../../../otel/timeline/row.ts"
import type { Markup } from "../markup.ts"
import { sample, signs } from "./lane.ts"

const marks: ReadonlyArray<readonly [keyof typeof signs & MarkKind, string]> = [
  ["scope-closed", "scope closes"],
  ["head-sent", "head sent"],
  ["first-event", "first event"],
]

/** A sign and what it means; a sign that is a word does not come from the drawing. */
export interface Entry {
  readonly sign: Markup | string
  readonly meaning: string
}

/** The signs that the layouts use. */
export const legendEntries = (
  layouts: ReadonlyArray<Layout>,
  differences: Differences,
): ReadonlyArray<Entry> => {
  const rows = layouts.flatMap((layout) => layout.rows)
  const readers = layouts.flatMap(({ ties }) => ties.flatMap((tie) => tie.readers))
  const differing = new Set([...differences.values()].map(({ kind }) => kind))
  const entry = (used: boolean, sign: Markup | string, meaning: string): ReadonlyArray<Entry> =>
    used ? [{ sign, meaning }] : []
  return [
    ...lifetimeKinds.flatMap((kind) =>
      entry(
        rows.some((row) => row.kind === kind),
        sample(kind),
        kind,
      ),
    ),
    ...marks.flatMap(([kind, meaning]) =>
      entry(
        rows.some((row) => row.marks.some((mark) => mark.kind === kind)),
        signs[kind],
        meaning,
      ),
    ),
    ...entry(
      readers.some(({ cutOff }) => cutOff),
      signs.tie,
      "what that cuts off",
    ),
    ...entry(hasOwnEvents(layouts), signs.own, "sent by the server itself"),
    ...entry(
      rows.some(({ interval }) => interval.end === undefined),
      signs.open,
      "still open",
    ),
    ...entry(
      rows.some(({ interval }) => interval.start < 0),
      signs.early,
      "began before the request arrived",
    ),
    ...entry(differing.has("only"), differenceWords.only, "not in the other drawing"),
    ...entry(differing.has("unlike"), differenceWords.unlike, "not like that in the other drawing"),
  ]
}

/** What is written beside a row that differs. */
export const differenceWords = { only: "+ only here", unlike: "≠ differs" } as const
