import { FIBER_ID, FINDING } from "../../attributes.ts"
import type { Match } from "../finding.ts"
import { codeOf } from "./code.ts"
import { unread } from "./entry.ts"
import { attribute, nameIn } from "./field.ts"
import { ended, kindOf } from "./interval.ts"
import { count, text } from "./notation.ts"
import { type LifetimeOf, spanTable } from "./table.ts"

/** What a record of a fiber knows besides. */
export interface More {
  readonly match: Match | undefined
}

export const fiberSpan = spanTable<More>()(
  "fiber NAME",
  "A fiber that nothing owns, from its start to its end.",
  {
    kind: kindOf("fiber"),
    name: nameIn(
      "effect.fiber.name",
      "The name of the function or span that it runs, or in which it was started.",
    ),
    id: attribute(FIBER_ID, count, "Its number."),
    code: codeOf("around its fork"),
    finding: unread(
      FINDING,
      text,
      ({ match }) => match?.rule,
      "The rule, where it was found to be a problem.",
      "judged again from the spans",
    ),
    endedAt: ended,
  },
)

/** A fiber that nothing owns, and that outlived the exchange or the program it was started for. */
export interface OrphanFiber extends LifetimeOf<typeof fiberSpan> {}
