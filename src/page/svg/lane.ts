/** The bar of one row, its marks and what connects it to others, as SVG. */

import type { LifetimeKind } from "../../../otel/lifetimes/terms.ts"
import { type Axis, positionOn } from "../../../otel/timeline/axis.ts"
import type { Layout } from "../../../otel/timeline/layout.ts"
import type { Mark, Row } from "../../../otel/timeline/row.ts"
import type { Tie } from "../../../otel/timeline/tie.ts"
import { type Markup, markup } from "../markup.ts"

/** Where moments stand from left to right: as a percentage in a page, in pixels in a picture. */
export interface Scale {
  readonly axis: Axis
  /** From 0, the start of the axis, to 1, its end. */
  readonly x: (position: number) => string
}

export const percentages = (axis: Axis): Scale => ({
  axis,
  x: (position) => `${Number((position * 100).toFixed(2))}%`,
})

export const pixels = (axis: Axis, left: number, width: number): Scale => ({
  axis,
  x: (position) => String(Number((left + position * width).toFixed(1))),
})

const xOf = ({ axis, x }: Scale, millis: number): string => x(positionOn(axis, millis))

/** Half the height of what marks an edge. */
const edge = 6

/** The bar with its marks, around a height of 0. */
export const bar = (scale: Scale, row: Row): Markup => {
  const { start, end } = row.interval
  const from = xOf(scale, start)
  const to = end === undefined ? scale.x(1) : xOf(scale, end)
  const closed = row.marks.find(({ kind }) => kind === "scope-closed")
  const solidTo = closed === undefined ? to : xOf(scale, closed.at)
  return markup`<g class="bar ${row.kind}">${[
    line("line", from, solidTo),
    row.kind === "stream" ? line("core", from, solidTo) : undefined,
    closed === undefined ? undefined : line("finalizing", solidTo, to),
    start < (scale.axis.start ?? 0) ? placed(scale.x(0), earlier) : upright(from),
    end === undefined ? placed(scale.x(1), goesOn) : upright(to),
    row.marks.map((mark) => innerMark(scale, mark)),
  ]}</g>`
}

const line = (name: string, from: string, to: string): Markup =>
  markup`<line class="${name}" x1="${from}" x2="${to}" y1="0" y2="0"/>`

const upright = (x: string): Markup =>
  markup`<line class="edge" x1="${x}" x2="${x}" y1="${-edge}" y2="${edge}"/>`

/** A nested picture, because a path cannot be placed at a percentage. */
export const placed = (x: string, content: Markup): Markup =>
  markup`<svg x="${x}" overflow="visible">${content}</svg>`

const goesOn = markup`<path class="arrow" d="M-8 -6L0 0L-8 6z"/>`
const earlier = markup`<path class="arrow" d="M8 -6L0 0L8 6z"/>`
const cross = markup`<path class="cross" d="M-5 -5L5 5M-5 5L5 -5"/>`
const middle = (content: Markup): Markup =>
  markup`<svg x="14" y="8" overflow="visible">${content}</svg>`

const diamond = "M-5 0L0 -5L5 0L0 5z"
const headSent = markup`<path class="head" d="${diamond}"/>`
const firstEvent = markup`<path class="first" d="${diamond}"/>`

const innerMark = (scale: Scale, { kind, at: moment }: Mark): Markup | undefined => {
  const x = xOf(scale, moment)
  if (kind === "scope-closed") return placed(x, cross)
  if (kind === "head-sent") return placed(x, headSent)
  return kind === "first-event" ? placed(x, firstEvent) : undefined
}

/** A line from a scope's close through the end of a subscription to a run that it cut off. */
export interface Fall {
  readonly at: number
  readonly from: number
  readonly to: number
  /** Where the run began that it leads to, if that was later. */
  readonly landsAt: number
}

export const fallsOf = ({ rows, ties }: Layout): ReadonlyArray<Fall> =>
  ties.flatMap((tie) =>
    tie.readers
      .filter(({ cutOff }) => cutOff)
      .map(({ row }) => ({
        at: tie.at,
        from: highest(tie, row),
        to: row,
        landsAt: Math.max(tie.at, rows[row]?.interval.start ?? 0),
      })),
  )

const highest = ({ scope, subscription }: Tie, row: number): number =>
  Math.min(row, subscription, scope ?? subscription)

/** From where a line fell to the run that it cut off, around a height of 0. */
export const landings = (
  scale: Scale,
  falls: ReadonlyArray<Fall>,
  index: number,
): ReadonlyArray<Markup> =>
  falls
    .filter(({ to }) => to === index)
    .map(({ at: moment, landsAt }) => {
      const to = xOf(scale, landsAt)
      return markup`${line("tie", xOf(scale, moment), to)}${placed(to, landing)}`
    })

/** Points up to the moment of a finding. */
export const pointer = markup`<path class="pointer" d="M-6 12L0 1L6 12z"/>`

const landing = markup`<path class="landing" d="M-7 -4L0 0L-7 4z"/>`

/** What each sign looks like, in the middle of a picture of 28 by 16. */
export const signs = {
  "scope-closed": middle(cross),
  "head-sent": middle(headSent),
  "first-event": middle(firstEvent),
  open: middle(goesOn),
  early: middle(earlier),
  tie: markup`<line class="tie" x1="14" x2="14" y1="0" y2="16"/>`,
  own: markup`<text class="word" x="0" y="12">own</text>`,
} as const

/** A bar of the kind, as a sign. */
export const sample = (kind: LifetimeKind): Markup =>
  markup`<svg y="8" overflow="visible"><g class="bar ${kind}">${[
    line("line", "2", "26"),
    kind === "stream" ? line("core", "2", "26") : undefined,
  ]}</g></svg>`
