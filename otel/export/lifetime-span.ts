/**
 * The span form of a lifetime: what `otel/lifetimes/from-spans.ts` reads back. Pure; nothing here
 * knows the SDK.
 */
import {
  FIBER_ID,
  FIBER_NAME,
  FINDING,
  LIFETIME_KIND,
  LIFETIME_OPEN,
  spanName,
} from "../attributes.ts"
import type { LifetimeRecord, OrphanRecord } from "../instrument/records/record.ts"
import type { Micros } from "../lifetimes/time.ts"
import { scopeForm } from "./scope-span.ts"
import { type Form, type LifetimeSpan, present } from "./span-form.ts"
import { streamForm } from "./stream-span.ts"
import { subscriptionForm } from "./subscription-span.ts"

/** A lifetime that has not ended is drawn to its span's end and marked as open. */
export const lifetimeSpan = (record: LifetimeRecord, now: Micros): LifetimeSpan => {
  const form = formOf(record)
  return {
    span: record.span,
    parent: record.parentSpan,
    startedAt: record.startedAt,
    endedAt: record.endedAt ?? now,
    error: undefined,
    links: [],
    ...form,
    attributes: present({
      ...form.attributes,
      [LIFETIME_OPEN]: record.endedAt === undefined ? true : undefined,
    }),
  }
}

const formOf = (record: LifetimeRecord): Form => {
  switch (record.kind) {
    case "scope":
      return scopeForm(record)
    case "subscription":
      return subscriptionForm(record)
    case "stream":
      return streamForm(record)
    case "fiber":
      return fiberForm(record)
  }
}

const fiberForm = ({ name, id, match }: OrphanRecord): Form => ({
  name: spanName.fiber(name),
  attributes: {
    [LIFETIME_KIND]: "fiber",
    [FIBER_NAME]: name,
    [FIBER_ID]: id,
    [FINDING]: match?.rule,
  },
  events: [],
})
