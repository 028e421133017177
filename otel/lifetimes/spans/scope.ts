import { EXIT, FIBER_ID, SCOPE_NAME, SCOPE_ROLE } from "../../attributes.ts"
import { exitKinds, scopeRoles } from "../terms.ts"
import type { Micros } from "../time.ts"
import { codeOf } from "./code.ts"
import { event, type LinkedLifetime, linkedAs, links, unread, unwritten } from "./entry.ts"
import { always, attribute, type Field, happening, nameIn, time } from "./field.ts"
import { ended, endOf, kindOf } from "./interval.ts"
import { count, countUnlessZero, flag, millis, oneOf, or } from "./notation.ts"
import { type LifetimeOf, spanTable } from "./table.ts"

/** When closing began, which is before its finalizers ran; the span ends after the last one. */
const closing: Field<Micros | undefined> = {
  side: "both",
  rows: [],
  reading: { of: "place", read: ({ time }) => time },
  absent: always,
  otherwise: endOf,
  write: (value, to) => {
    to.time = value
  },
}

/** What a record of a scope knows besides. */
export interface More {
  readonly closedAt: Micros | undefined
  readonly endedAt: Micros | undefined
  readonly ownedBy: LinkedLifetime | undefined
}

export const scopeSpan = spanTable<More>()(
  "scope NAME",
  "A scope, from its opening to the end of its finalizers.",
  {
    kind: kindOf("scope"),
    parent: unwritten(({ parentSpanId }) => parentSpanId),
    name: nameIn(SCOPE_NAME, "The name given in the code, or that it has none."),
    role: attribute(SCOPE_ROLE, or(oneOf(scopeRoles), "handler"), "What it is for."),
    code: codeOf("around its opening"),
    isAroundCall: attribute(
      "effect.scope.around_call",
      flag,
      "It was opened around a call of that function, perhaps by something that runs all handlers.",
    ),
    firstUse: happening(
      "scope.first_use",
      "Something was acquired for the first time in a scope that released it before a body ran.",
      { at: time, code: codeOf("around that") },
    ),
    close: event("scope.close", "It closed: the moment before the first finalizer ran.", {
      closedAt: closing,
      exit: attribute(EXIT, oneOf(exitKinds), "With which exit."),
      closedByFiber: attribute(FIBER_ID, count, "The fiber that closed it."),
      finalizers: attribute("effect.scope.finalizers", or(count, 0), "How many it held."),
      duration: unread(
        "effect.scope.finalizers.duration_ms",
        millis,
        ({ closedAt, endedAt }) =>
          closedAt === undefined || endedAt === undefined ? undefined : endedAt - closedAt,
        "How long they took.",
        "the end of the span says the same",
      ),
    }),
    unowned: attribute(
      "effect.scope.unowned",
      flag,
      "The handler opened it, and no other scope closes it.",
    ),
    openedApart: attribute(
      "effect.scope.opened_apart",
      flag,
      "Another fiber opened it for the exchange, as in a race, a merged stream or a cache, and no other scope closes it.",
    ),
    kept: attribute(
      "effect.scope.kept",
      flag,
      "Another fiber opened it and had not ended when it closed, or was started in it, as an RcMap does: that keeps it for as long as it needs it.",
    ),
    left: attribute(
      "effect.scope.left",
      countUnlessZero,
      "How many exchanges had ended and had each left such a scope open, opened at the same place.",
    ),
    enteredClosed: attribute(
      "effect.scope.entered_closed",
      flag,
      "It had closed before its exchange entered it: what is acquired in it is released at once.",
    ),
    handsOut: attribute(
      "effect.scope.hands_out",
      flag,
      "What it enclosed gave a stream, or a response with one: that runs when the scope has closed.",
    ),
    owner: links(
      ({ ownedBy }) => (ownedBy === undefined ? [] : [linkedAs("owner", ownedBy)]),
      "The scope that owns it, if that is not the one it lives in.",
      "it is for people who look at the trace",
    ),
    endedAt: ended,
  },
)

export interface Scope extends LifetimeOf<typeof scopeSpan> {}
