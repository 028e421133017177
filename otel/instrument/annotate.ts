import type * as Tracer from "effect/Tracer"
import type { Draft } from "../lifetimes/spans/field.ts"
import { toNanos } from "../lifetimes/time.ts"

/** Adds what a table says to a span that Effect makes. */
export const annotate = (
  span: Pick<Tracer.Span, "attribute" | "event">,
  { attributes, events }: Pick<Draft, "attributes" | "events">,
): void => {
  for (const { name, time, attributes } of events) span.event(name, toNanos(time), attributes)
  for (const [name, value] of Object.entries(attributes)) span.attribute(name, value)
}
