/**
 * A moment: whole microseconds since the Unix epoch. A double holds every such number exactly until
 * the year 2255, so that a moment taken live and the same one read back from a span are equal.
 */
export type Micros = number

/** From the nanoseconds of a clock or of a span; the fraction of a microsecond is dropped. */
export const fromNanos = (nanos: bigint): Micros => Number(nanos / 1000n)

/** To the nanoseconds of a clock or of a span. */
export const toNanos = (time: Micros): bigint => BigInt(time) * 1000n

/** From milliseconds; the fraction of a microsecond is rounded. */
export const fromMillis = (millis: number): Micros => Math.round(millis * 1000)

/** The milliseconds from `start` to `end`. */
export const millisBetween = (start: Micros, end: Micros): number => (end - start) / 1000

/** A duration for people, in the unit that suits its size: `0.31 ms`, `12.4 ms`, `1.25 s`. */
export const formatMillis = (millis: number): string => {
  const size = Math.abs(millis)
  if (size < 10) return `${millis.toFixed(2)} ms`
  if (size < 1000) return `${millis.toFixed(size < 100 ? 1 : 0)} ms`
  if (size < 60_000) return `${(millis / 1000).toFixed(2)} s`
  return `${(millis / 60_000).toFixed(1)} min`
}

/** Times for sentences and evidence, counted from the beginning of what they are about. */
export const timesSince = (start: Micros) => ({
  /** In milliseconds. */
  millis: (time: Micros): number => millisBetween(start, time),
  /** For people. */
  text: (time: Micros): string => formatMillis(millisBetween(start, time)),
})
