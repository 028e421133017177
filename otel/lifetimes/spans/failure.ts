import { attribute, needed, optional, type PresentIn } from "./field.ts"
import { or, text, yesOrNo } from "./notation.ts"

/** What failed, in the attributes of an event. */
export const failureParts = {
  type: attribute("exception.type", or(text, ""), "What kind of error."),
  message: needed(attribute("exception.message", text, "What it said.")),
  defect: attribute(
    "effect.failure.defect",
    yesOrNo,
    "Whether it was a defect and not a typed error; absent if that was not recorded.",
  ),
}

export const failure = optional(failureParts)

/** What failed a stream or an exchange. */
export interface Failure extends PresentIn<typeof failure> {}
