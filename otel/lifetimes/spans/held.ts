/** What a program holds open at one moment, reported while it runs under `scopeline watch`. */
import { LIFETIME_KIND } from "../../attributes.ts"
import { text as textOf } from "../attribute-reader.ts"
import type { Span, SpanEvent, SpanReference } from "../span.ts"
import type { Micros } from "../time.ts"
import { codeOf } from "./code.ts"
import { attribute } from "./field.ts"
import { kindOnly } from "./interval.ts"
import { count, countUnlessZero, flag, millis, or, text } from "./notation.ts"
import { type LifetimeOf, spanTable } from "./table.ts"

/** Value of `effect.lifetime.kind` on a span about what is held open. */
export const heldKind = "held"

/** The event about one place. */
const placeEvent = "effect.held"

/** The attributes of the event about one place. */
export const heldPlace = spanTable()(
  `event \`${placeEvent}\``,
  "What the program holds open of one kind, and that was opened at one place in its code.",
  {
    kind: attribute(
      "effect.held.kind",
      or(text, ""),
      "What it is: `scope`, `subscription`, `stream`, `fiber`, `forked scope`, or a `release` that has not run.",
    ),
    name: attribute("effect.held.name", text, "Its name, where all of it has the same name."),
    code: codeOf("that opened it"),
    count: attribute("effect.held.count", or(count, 0), "How many there are."),
    oldest: attribute("effect.held.oldest_ms", or(millis, 0), "The age of the oldest."),
  },
)

export interface HeldPlaceRecord extends Omit<LifetimeOf<typeof heldPlace>, "span" | "startedAt"> {}

export const heldSpan = spanTable()(
  "held",
  "What the program holds open at that moment: an event for each place in the code, the largest first.",
  {
    kind: kindOnly(heldKind),
    total: attribute("effect.held.total", or(count, 0), "How much it holds open in all."),
    rest: attribute(
      "effect.held.rest",
      countUnlessZero,
      "How much of that was opened at places that have no event.",
    ),
    pid: attribute("process.pid", count, "The process."),
    lost: attribute(
      "effect.held.lost_spans",
      countUnlessZero,
      "How many spans the program has lost until then, on the way here too.",
    ),
    isLast: attribute("effect.held.last", flag, "The program ends now."),
  },
)

type HeldSpanRecord = Omit<LifetimeOf<typeof heldSpan>, "span" | "startedAt">

/** All that a program holds open at one moment. */
export interface HeldLook extends HeldSpanRecord {
  readonly at: Micros
  /** The largest first. */
  readonly places: ReadonlyArray<HeldPlaceRecord>
}

export const isHeldSpan = (span: Span): boolean => textOf(span, LIFETIME_KIND) === heldKind

export const writeHeldLook = ({ at, places, ...look }: HeldLook, span: SpanReference) => ({
  attributes: heldSpan.write(look, span).attributes,
  events: places.map(
    (place): SpanEvent => ({
      name: placeEvent,
      time: at,
      attributes: heldPlace.write(place, span).attributes,
    }),
  ),
})

export const readHeldLook = (span: Span): HeldLook => ({
  ...heldSpan.read(span),
  at: span.endedAt,
  places: span.events
    .filter(({ name }) => name === placeEvent)
    .map((event) => heldPlace.read(span, event)),
})
