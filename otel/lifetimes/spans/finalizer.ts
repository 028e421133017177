import { SCOPE_NAME, unnamed } from "../../attributes.ts"
import { finalizerKinds } from "../terms.ts"
import { codeOf } from "./code.ts"
import { attribute, nameIn } from "./field.ts"
import { ended, kindOf } from "./interval.ts"
import { countUnlessZero, flag, oneOf, or, text } from "./notation.ts"
import { type LifetimeOf, spanTable } from "./table.ts"

export const finalizerSpan = spanTable()(
  "finalizer NAME",
  "What an exchange registered in a scope that is not its own, until it was removed or ran.",
  {
    kind: kindOf("finalizer"),
    name: nameIn(
      "effect.finalizer.name",
      "The function in which it was registered, or the exchange if that is not known.",
    ),
    what: attribute(
      "effect.finalizer.kind",
      or(oneOf(finalizerKinds), "release"),
      "What it does: release something, interrupt a fiber, or close a scope that was forked.",
    ),
    scope: attribute(SCOPE_NAME, or(text, unnamed.scope), "The scope that holds it."),
    code: codeOf("around its registration"),
    removed: attribute("effect.finalizer.removed", flag, "It was removed before its scope closed."),
    left: attribute(
      "effect.finalizer.left",
      countUnlessZero,
      "How many exchanges had ended, and had left one from the same place. None of these was ever removed.",
    ),
    endedAt: ended,
  },
)

/** What an exchange left in a scope of the program, until it was removed or ran. */
export interface Finalizer extends LifetimeOf<typeof finalizerSpan> {}
