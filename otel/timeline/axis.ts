/**
 * One time axis on which a millisecond and ten minutes are both readable: even up to 1 ms, where
 * requests are decided, and logarithmic above.
 */

/** An axis from 0 to `end`, in milliseconds. */
export interface Axis {
  readonly end: number
}

/** A labelled moment: `at` in milliseconds, `position` and `labelStart` in the unit of the width. */
export interface Tick {
  readonly at: number
  readonly label: string
  readonly position: number
  readonly labelStart: number
}

/** The room of the first millisecond, as a multiple of the room of a tenfold step above it. */
const firstMillisecond = 1.5

const shortestEnd = 0.1

/** What lets a lifetime that is still open run past the last known moment. */
const openHeadroom = 1.3

/** One axis for several layouts; `end` of each is its last known moment in milliseconds. */
export const axisFor = (
  layouts: Iterable<{ readonly end: number; readonly open: boolean }>,
): Axis => {
  let last = shortestEnd
  let open = false
  for (const layout of layouts) {
    last = Math.max(last, layout.end)
    open ||= layout.open
  }
  return { end: open ? last * openHeadroom : last }
}

const stretch = (millis: number): number =>
  millis <= 1 ? millis * firstMillisecond : firstMillisecond + Math.log10(millis)

/** Where a moment stands, from 0 (the start of the axis) to 1 (its end); moments outside are moved in. */
export const positionOn = (axis: Axis, millis: number): number =>
  Math.min(1, Math.max(0, stretch(millis) / stretch(axis.end)))

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
  for (const [tier, moments] of tiers.entries()) {
    const distance = (2 + 3 * tier) * widthOf("0")
    for (const at of moments) {
      if (at > axis.end) continue
      const tick = tickAt(axis, at, width, widthOf)
      if (chosen.every((other) => areApart(tick, other, distance, widthOf))) chosen.push(tick)
    }
  }
  return chosen.sort((a, b) => a.at - b.at)
}

const tickAt = (
  axis: Axis,
  at: number,
  width: number,
  widthOf: (label: string) => number,
): Tick => {
  const label = labelOf(at)
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
