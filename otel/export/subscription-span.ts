import {
  LIFETIME_KIND,
  PUBSUB_CAPACITY,
  PUBSUB_END,
  PUBSUB_ID,
  PUBSUB_NAME,
  PUBSUB_PUBLISHED,
  PUBSUB_REPLACED,
  PUBSUB_REPLAYS,
  SCOPE_BELONGS_TO,
  SCOPE_NAME,
  SCOPE_SPAN_ID,
  SCOPE_TRACE_ID,
  SUBSCRIPTION_BACKLOG,
  SUBSCRIPTION_BACKLOG_MAX,
  SUBSCRIPTION_DELIVERED,
  SUBSCRIPTION_FINISHED,
  SUBSCRIPTION_FIRST_EVENT,
  SUBSCRIPTION_FULL_FOR,
  SUBSCRIPTION_MISSED,
  SUBSCRIPTION_MISSED_BEFORE,
  SUBSCRIPTION_OWNER,
  SUBSCRIPTION_OWNER_CLOSED,
  SUBSCRIPTION_OWNER_OUTSIDE,
  SUBSCRIPTION_READ_BY_FORK,
  SUBSCRIPTION_RELEASED,
  SUBSCRIPTION_SOURCE_END,
  SUBSCRIPTION_UNREAD_PUBLISH,
  SUBSCRIPTION_UNTRACED_READ,
  spanName,
} from "../attributes.ts"
import type { ResourceRecord } from "../instrument/records.ts"
import type { SpanEvent } from "../lifetimes/span.ts"
import { eventAt, type Form } from "./span-form.ts"

/** The span form of a subscription. */
export const subscriptionForm = (resource: ResourceRecord): Form => {
  const { ownerScope, pubsub } = resource
  const outside = !resource.owner.inExchange
  return {
    name: spanName.subscription(resource.name),
    attributes: {
      [LIFETIME_KIND]: "subscription",
      [PUBSUB_NAME]: pubsub.name,
      [PUBSUB_ID]: pubsub.id,
      [PUBSUB_CAPACITY]: resource.capacity,
      [PUBSUB_REPLAYS]: resource.replays ? true : undefined,
      [PUBSUB_PUBLISHED]: pubsub.published,
      [SCOPE_SPAN_ID]: resource.owner.spanId,
      [SUBSCRIPTION_OWNER]: resource.owner.name,
      [SUBSCRIPTION_OWNER_OUTSIDE]: outside ? true : undefined,
      [SUBSCRIPTION_OWNER_CLOSED]: resource.ownerClosed ? true : undefined,
      [SUBSCRIPTION_DELIVERED]: resource.delivered,
      [SUBSCRIPTION_BACKLOG_MAX]: resource.backlogMax,
      [SUBSCRIPTION_BACKLOG]: resource.backlog,
      [SUBSCRIPTION_FULL_FOR]: resource.fullFor === 0 ? undefined : resource.fullFor / 1000,
      [SUBSCRIPTION_MISSED]: resource.missed === 0 ? undefined : resource.missed,
      [SUBSCRIPTION_MISSED_BEFORE]: resource.missedBefore === 0 ? undefined : resource.missedBefore,
      [SUBSCRIPTION_READ_BY_FORK]: resource.readByFork ? true : undefined,
      [SUBSCRIPTION_FINISHED]: resource.finished ? true : undefined,
    },
    events: [
      ...eventAt(SUBSCRIPTION_FIRST_EVENT, resource.firstEventAt),
      ...eventAt(SUBSCRIPTION_UNTRACED_READ, resource.untracedReadAt),
      ...eventAt(SUBSCRIPTION_UNREAD_PUBLISH, resource.unreadPublishAt),
      ...sourceEndOf(resource),
      ...eventAt(SUBSCRIPTION_RELEASED, resource.endedAt, { [SCOPE_SPAN_ID]: resource.releasedBy }),
    ],
    links: outside && ownerScope !== undefined ? [ownerScope.span] : [],
  }
}

const sourceEndOf = ({ span, sourceEnd }: ResourceRecord): ReadonlyArray<SpanEvent> => {
  const by = sourceEnd?.by
  return eventAt(SUBSCRIPTION_SOURCE_END, sourceEnd?.at, {
    [PUBSUB_END]: sourceEnd?.how,
    [PUBSUB_REPLACED]: sourceEnd?.replaced === true ? true : undefined,
    [SCOPE_NAME]: by?.name,
    [SCOPE_SPAN_ID]: by?.span.spanId,
    [SCOPE_TRACE_ID]: by?.span.traceId === span.traceId ? undefined : by?.span.traceId,
    [SCOPE_BELONGS_TO]: by?.belongsTo,
  })
}
