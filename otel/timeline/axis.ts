/**
 * One time axis on which a millisecond and ten minutes are both readable: even up to 1 ms, where
 * requests are decided, and logarithmic above. Why a long stream ended shows in its last milliseconds:
 * an axis with both ends counts up from the start, and the same way back from the end.
 */

/** Moments are milliseconds. */
export interface Axis {
  /** 0 where it is left out. */
  readonly start?: number
  readonly end: number
  /** `one end` where it is left out. A part that somebody looks at closely is `even`. */
  readonly shape?: "one end" | "both ends" | "even"
}

/** The room of the first millisecond, as a multiple of the room of a tenfold step above it. */
const firstMillisecond = 1.5

const shortestEnd = 0.1

/** A lifetime that is still open runs past the last known moment by this. */
const openHeadroom = 1.3

/** What has ended and lasted longer than this is drawn from both ends, as far as this from each. */
const nearEnd = 10_000

/** The part of the width that stands for everything far from both ends. */
const breakWidth = 0.16

/**
 * One axis for several layouts; `end` of each is its last known moment in milliseconds. Compared layouts have
 * no common end: their axis has one end.
 */
export const axisFor = (
  layouts: Iterable<{ readonly end: number; readonly open: boolean }>,
): Axis => {
  let last = shortestEnd
  let open = false
  let count = 0
  for (const layout of layouts) {
    count += 1
    last = Math.max(last, layout.end)
    open ||= layout.open
  }
  if (open) return { end: last * openHeadroom }
  return count === 1 && last > nearEnd ? { end: last, shape: "both ends" } : { end: last }
}

const stretch = (millis: number): number =>
  millis <= 1 ? millis * firstMillisecond : firstMillisecond + Math.log10(millis)

const unstretch = (room: number): number =>
  room <= firstMillisecond ? room / firstMillisecond : 10 ** (room - firstMillisecond)

/** How far from each end time is drawn in full, and the width of that; between them is a break. */
const ends = ({ end }: Axis) => {
  const reach = Math.min(nearEnd, end / 2)
  return { reach, width: end > 2 * nearEnd ? (1 - breakWidth) / 2 : 0.5 }
}

/** The time that the break of an axis stands for; `undefined` if it has none. */
export const breakOf = (axis: Axis): number | undefined =>
  axis.shape === "both ends" && axis.end > 2 * nearEnd ? axis.end - 2 * nearEnd : undefined

/**
 * The position of a moment, from 0 (the start of the axis) to 1 (its end). Moments outside are moved in; beside
 * an even part they stay outside, but not far.
 */
export const positionOn = (axis: Axis, millis: number): number => {
  const { start = 0, end, shape } = axis
  if (shape === "even") return Math.min(2, Math.max(-1, (millis - start) / (end - start)))
  if (shape !== "both ends") return within(stretch(millis) / stretch(end))
  const { reach, width } = ends(axis)
  if (millis <= reach) return within((stretch(millis) / stretch(reach)) * width)
  if (end - millis <= reach) return within(1 - (stretch(end - millis) / stretch(reach)) * width)
  return width + ((millis - reach) / (end - 2 * reach)) * (1 - 2 * width)
}

const within = (position: number): number => Math.min(1, Math.max(0, position))

/** The moment that stands at a position. */
export const momentAt = (axis: Axis, position: number): number => {
  const { start = 0, end, shape } = axis
  if (shape === "even") return start + position * (end - start)
  if (shape !== "both ends") return unstretch(position * stretch(end))
  const { reach, width } = ends(axis)
  if (position <= width) return unstretch((position / width) * stretch(reach))
  if (position >= 1 - width) return end - unstretch(((1 - position) / width) * stretch(reach))
  return reach + ((position - width) / (1 - 2 * width)) * (end - 2 * reach)
}

/** How far two moments are apart from the start, and also from the end if that counts. */
export const nearEndOf = (axis: Axis): number =>
  axis.shape === "both ends" ? ends(axis).reach : axis.end
