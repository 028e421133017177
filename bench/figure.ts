/** What a benchmark has measured. */
export interface Figure {
  readonly what: string
  readonly measured: string
  /** The most that it may be; empty where that says nothing. */
  readonly bound: string
  readonly isMet: boolean
}

/** The same, printed. */
export const told = (what: string, measured: string, bound: string, isMet: boolean): Figure => {
  const most = bound === "" ? "" : ` (at most ${bound})`
  console.log(`${what}: ${measured}${most} ${isMet ? "ok" : "MISSED"}`)
  return { what, measured, bound, isMet }
}

/** How often the one is the other. */
export const toldRatio = (what: string, ratio: number, most: number): Figure =>
  told(what, `${ratio.toFixed(2)}x`, `${most.toFixed(2)}x`, ratio <= most)
