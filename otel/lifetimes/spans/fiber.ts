import { FIBER_ID, FINDING } from "../../attributes.ts"
import type { Match } from "../finding.ts"
import { codeOf } from "./code.ts"
import { unread } from "./entry.ts"
import { attribute, moment, nameIn } from "./field.ts"
import { ended, kindOf } from "./interval.ts"
import { count, countUnlessZero, flag, text } from "./notation.ts"
import { standstill } from "./standstill.ts"
import { type LifetimeOf, spanTable } from "./table.ts"

/** What a record of a fiber knows besides. */
export interface More {
  readonly match: Match | undefined
}

export const fiberSpan = spanTable<More>()(
  "fiber NAME",
  "A fiber that nothing owns, or that feeds a stream which is over, from its start to its end.",
  {
    kind: kindOf("fiber"),
    name: nameIn(
      "effect.fiber.name",
      "The name of the function or span that it runs, or in which it was started.",
    ),
    id: attribute(FIBER_ID, count, "Its number."),
    code: codeOf("around its fork"),
    fedUnreadAt: moment(
      "fiber.fed_unread",
      "It last put something into a queue that only a stream of its exchange had read, after that had ended.",
    ),
    stalled: standstill,
    left: attribute(
      "effect.fiber.left",
      countUnlessZero,
      "How many exchanges had each left such a fiber, forked at the same place. None of these ended by itself.",
    ),
    stopped: attribute(
      "effect.fiber.stopped",
      flag,
      "It ended when a scope of the program closed, or the program stopped.",
    ),
    finding: unread(
      FINDING,
      text,
      ({ match }) => match?.rule,
      "The rule, if it was found to be a problem.",
      "judged again from the spans",
    ),
    endedAt: ended,
  },
)

/**
 * A fiber that outlived the exchange or the program for which it was started: nothing owns it, or it fed only
 * that exchange.
 */
export interface OrphanFiber extends LifetimeOf<typeof fiberSpan> {}
