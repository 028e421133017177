import * as Effect from "effect/Effect"
import type { Pair } from "../pair.ts"
import { watchWork } from "../shared-work.ts"

/** A fiber of the first request works it out, or one of the program. */
export const pair: Pair = {
  rule: "upstream-bound-to-first-consumer",
  broken: watchWork("/work-of-the-first", (work) => Effect.forkScoped(work)),
  fixed: watchWork("/work-of-the-first", (work, program) => Effect.forkIn(work, program)),
}
