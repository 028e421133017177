import type { Parent } from "../instrument/records/record.ts"
import type { Attributes, AttributeValue, SpanEvent, SpanReference } from "../lifetimes/span.ts"
import type { Micros } from "../lifetimes/time.ts"

/** A span that is complete but not yet the SDK's. */
export interface LifetimeSpan {
  readonly span: SpanReference
  readonly parent: Parent | undefined
  readonly name: string
  readonly startedAt: Micros
  readonly endedAt: Micros
  readonly attributes: Attributes
  readonly events: ReadonlyArray<SpanEvent>
  readonly links: ReadonlyArray<SpanReference>
  /** The sentence of a finding of severity `error`. */
  readonly error: string | undefined
}

/** Attributes of which some are not known. */
export type Optional = Readonly<Record<string, AttributeValue | undefined>>

/** What one kind of lifetime has of its own. */
export type Form = Pick<LifetimeSpan, "name" | "events"> &
  Partial<Pick<LifetimeSpan, "error" | "links">> & { readonly attributes: Optional }

/** An event at that time, where there was one. */
export const eventAt = (
  name: string,
  time: Micros | undefined,
  attributes: Optional = {},
): ReadonlyArray<SpanEvent> =>
  time === undefined ? [] : [{ name, time, attributes: present(attributes) }]

/** Those that are known. */
export const present = (attributes: Optional): Attributes => {
  const result: Record<string, AttributeValue> = {}
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) result[key] = value
  }
  return result
}
