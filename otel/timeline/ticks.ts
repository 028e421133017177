import { formatMillis } from "../lifetimes/time.ts"
import { type Axis, breakOf, nearEndOf, positionOn } from "./axis.ts"

/** A labelled moment: `at` in milliseconds, `position` and `labelStart` in the unit of the width. */
export interface Tick {
  readonly at: number
  readonly label: string
  readonly position: number
  readonly labelStart: number
}

const second = 1000
const minute = 60 * second
const hour = 60 * minute

/** Moments worth a label, those that orient most first. */
const tiers: ReadonlyArray<ReadonlyArray<number>> = [
  [0, 1, 10, 100, second, 10 * second, minute, 10 * minute, hour, 10 * hour, 100 * hour],
  [0.1, 0.5, 5, 50, 500, 5 * second, 30 * second, 5 * minute, 30 * minute, 5 * hour],
  [0.05, 0.2, 2, 20, 200, 2 * second, 20 * second, 2 * minute, 20 * minute, 2 * hour],
  [0.01, 0.02, 0.3, 0.7, 3, 30, 300, 3 * second, 3 * minute, 3 * hour],
]

const labelOf = (millis: number): string => {
  if (millis === 0) return "0"
  if (millis < second) return `${millis} ms`
  if (millis < minute) return `${millis / second} s`
  return millis < hour ? `${millis / minute} min` : `${millis / hour} h`
}

interface Moment {
  readonly at: number
  readonly label: string
}

/**
 * As many ticks as have room on `width`, in order of time, with labels that stay inside and keep a
 * distance. `widthOf` measures a label in the unit of `width`: columns, pixels.
 */
export const ticksOn = (
  axis: Axis,
  width: number,
  widthOf: (label: string) => number,
): ReadonlyArray<Tick> => {
  const chosen: Array<Tick> = []
  for (const [tier, moments] of tiersOf(axis).entries()) {
    const distance = (2 + 3 * tier) * widthOf("0")
    for (const moment of moments) {
      const tick = tickAt(axis, moment, width, widthOf)
      if (chosen.every((other) => areApart(tick, other, distance, widthOf))) chosen.push(tick)
    }
  }
  return chosen.sort((a, b) => a.at - b.at)
}

const tiersOf = (axis: Axis): ReadonlyArray<ReadonlyArray<Moment>> => {
  if (axis.shape === "even") return evenTiers(axis)
  const reach = nearEndOf(axis)
  const near = tiers.map((moments) =>
    moments.filter((at) => at <= reach).map((at) => ({ at, label: labelOf(at) })),
  )
  if (axis.shape !== "both ends") return near
  const ends = [{ at: 0, label: "0" }, { at: axis.end, label: "end" }, ...breakMoment(axis)]
  const [first = [], ...finer] = near.map((moments) =>
    moments
      .filter(({ at }) => at > 0)
      .flatMap(({ at, label }) => [
        { at, label },
        { at: axis.end - at, label: `−${label}` },
      ]),
  )
  return [[...ends, ...first], ...finer]
}

const breakMoment = (axis: Axis): ReadonlyArray<Moment> => {
  const left = breakOf(axis)
  return left === undefined ? [] : [{ at: axis.end / 2, label: `⋯ ${longText(left)} ⋯` }]
}

/** `59 min 40 s`: of a break, to the second. */
const longText = (millis: number): string => {
  if (millis < minute) return formatMillis(millis)
  const [large, small, unit, rest] =
    millis < hour ? [minute, second, "min", "s"] : [hour, minute, "h", "min"]
  const count = Math.floor(millis / large)
  const left = Math.floor((millis - count * large) / small)
  return left === 0 ? `${count} ${unit}` : `${count} ${unit} ${left} ${rest}`
}

/** Round numbers, in steps that get finer. */
const evenTiers = ({ start = 0, end }: Axis): ReadonlyArray<ReadonlyArray<Moment>> => {
  const span = end - start
  const decade = 10 ** Math.floor(Math.log10(span))
  return [decade, decade / 2, decade / 10].map((step) => {
    const first = Math.ceil(start / step)
    const count = Math.min(200, Math.floor(end / step) - first + 1)
    return Array.from({ length: Math.max(0, count) }, (_, index) => {
      const at = (first + index) * step
      return { at, label: labelOf(Number(at.toPrecision(10))) }
    })
  })
}

const tickAt = (
  axis: Axis,
  { at, label }: Moment,
  width: number,
  widthOf: (label: string) => number,
): Tick => {
  const position = positionOn(axis, at) * width
  const room = Math.max(0, width - widthOf(label))
  const labelStart = Math.min(room, Math.max(0, position - widthOf(label) / 2))
  return { at, label, position, labelStart }
}

const areApart = (
  a: Tick,
  b: Tick,
  distance: number,
  widthOf: (label: string) => number,
): boolean =>
  a.labelStart >= b.labelStart + widthOf(b.label) + distance ||
  b.labelStart >= a.labelStart + widthOf(a.label) + distance
