/** What a plan says of its program without running it. */
import type { Operator, Plan, Source } from "./plan.ts"

const ending: ReadonlyArray<Operator["by"]> = [
  "take",
  "takeUntil",
  "timeout",
  "interruptWhen",
  "haltWhen",
]

/** Whether its streams may come to an end on purpose. */
export const mayEnd = ({ handler, steps }: Plan): boolean =>
  handler.source.from === "finite" ||
  handler.source.from === "download" ||
  handler.source.from === "cursor" ||
  handler.operators.some(({ by }) => ending.includes(by)) ||
  steps.some(
    (step) => step.do === "end bus" || step.do === "shut bus down" || step.do === "replace bus",
  )

/** Whether its streams leave events out on purpose. */
export const leavesOut = ({ handler }: Plan): boolean =>
  handler.operators.some(({ by }) => by === "switchMap" || by === "debounce")

const apart: ReadonlyArray<Source["from"]> = ["finite", "interval", "download", "cursor", "poller"]

/** Whether what is published is what clients are sent. */
export const isFed = ({ handler: { source } }: Plan): boolean => !apart.includes(source.from)

/** Whether clients are sent something before anything is published. */
export const greets = ({ handler: { source } }: Plan): boolean =>
  (source.from === "subscription" && source.greets) ||
  (source.from === "lazy" && source.greets !== "never") ||
  source.from === "readable" ||
  source.from === "concat"

/** A download that fails, or that is taken away, is a connection that breaks. */
export const isDamaged = ({ handler: { source } }: Plan): boolean =>
  source.from === "download" && source.ends !== "end"
