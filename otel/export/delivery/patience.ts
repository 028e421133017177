/** We do not wait for a collector that has been silent for this long. */
export const silenceMillis = 1_500

interface Waited {
  /** When the program was done with everything else. */
  readonly since: number
  /** When the collector answered last, or said that it would. */
  readonly answeredAt: number
  readonly now: number
  /** How long the last spans may take in all. */
  readonly atMostMillis: number
}

/** How much longer the end of a program waits for its last spans: as long as the collector answers. */
export const patienceLeft = ({ since, answeredAt, now, atMostMillis }: Waited): number =>
  Math.min(since + atMostMillis, Math.max(since, answeredAt) + silenceMillis) - now
