import { FIBER_ID } from "../../attributes.ts"
import { codeOf } from "./code.ts"
import { attribute, happening, needed, type PresentIn, time } from "./field.ts"
import { count, id, or, text } from "./notation.ts"

/** An event: the only fiber that had ever fed something failed. */
export const feederFailure = (event: string, says: string) =>
  happening(event, says, {
    at: time,
    name: needed(attribute("effect.fiber.name", text, "The function that the fiber ran.")),
    id: attribute(FIBER_ID, count, "Its number."),
    error: attribute("exception.message", or(text, ""), "What it failed with."),
    stoppedWith: attribute(
      "effect.fiber.trace_id",
      id,
      "It did not fail: it was interrupted with the exchange of that trace, for which it had been started.",
    ),
    code: codeOf("that it ran"),
  })

/** The fiber that fed a subscription or a queue failed, and nobody was told. */
export interface FeederFailure extends PresentIn<ReturnType<typeof feederFailure>> {}
