import type { Standstill } from "./spans/standstill.ts"
import type { Micros } from "./time.ts"

interface Stalled {
  readonly stalled: Standstill | undefined
}

/** How long the process stood still after that moment: nothing could be released in that time. */
export const stalledSince = (since: Micros, ...lifetimes: ReadonlyArray<Stalled>): Micros => {
  let longest: Micros = 0
  for (const { stalled } of lifetimes) {
    if (stalled !== undefined && stalled.at > since) longest = Math.max(longest, stalled.lasted)
  }
  return longest
}
