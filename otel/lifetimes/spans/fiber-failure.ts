import { FIBER_ID } from "../../attributes.ts"
import { codeOf } from "./code.ts"
import { attribute, happening, needed, type PresentIn, time } from "./field.ts"
import { count, id, or, text } from "./notation.ts"

const failed = {
  at: time,
  name: needed(attribute("effect.fiber.name", text, "The function that the fiber ran.")),
  id: attribute(FIBER_ID, count, "Its number."),
  error: attribute("exception.message", or(text, ""), "What it failed with."),
  code: codeOf("that it ran"),
}

/** An event: a fiber failed, and nobody was told. */
export const fiberFailure = (event: string, says: string) => happening(event, says, failed)

export interface FiberFailure extends PresentIn<ReturnType<typeof fiberFailure>> {}

/** An event: the only fiber that had ever fed something failed, or was stopped, and nobody was told. */
export const feederFailure = (event: string, says: string) =>
  happening(event, says, {
    ...failed,
    stoppedWith: attribute(
      "effect.fiber.trace_id",
      id,
      "It did not fail: it was interrupted with the exchange of that trace, for which it had been started.",
    ),
  })

export interface FeederFailure extends PresentIn<ReturnType<typeof feederFailure>> {}
