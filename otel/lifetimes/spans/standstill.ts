import { attribute, happening, needed, type PresentIn, time } from "./field.ts"
import { millis } from "./notation.ts"

/** An event: the whole process stood still. */
export const standstill = happening(
  "process.stalled",
  "The process had stood still until then, as in a long synchronous loop: nothing in it could end.",
  {
    at: time,
    lasted: needed(
      attribute("process.stalled.for_ms", millis, "For how long, and shortly before, in all."),
    ),
  },
)

/** When the process last stood still, and how long. */
export interface Standstill extends PresentIn<typeof standstill> {}
