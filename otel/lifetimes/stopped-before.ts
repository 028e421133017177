import type { Exchange } from "./model.ts"
import type { Micros } from "./time.ts"

/** Whether that happened while the program stopped, and the exchange ended before it had: that is no problem. */
export const isPartOfStop = ({ stoppingSince }: Exchange, at: Micros): boolean =>
  stoppingSince !== undefined && at >= stoppingSince
