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
import type { SubscriptionRecord } from "../instrument/records/record.ts"
import type { SpanEvent } from "../lifetimes/span.ts"
import { eventAt, type Form } from "./span-form.ts"

/** The span form of a subscription. */
export const subscriptionForm = (subscription: SubscriptionRecord): Form => {
  const { ownerScope, pubsub } = subscription
  const outside = !subscription.owner.inExchange
  return {
    name: spanName.subscription(subscription.name),
    attributes: {
      [LIFETIME_KIND]: "subscription",
      [PUBSUB_NAME]: pubsub.name,
      [PUBSUB_ID]: pubsub.id,
      [PUBSUB_CAPACITY]: subscription.capacity,
      [PUBSUB_REPLAYS]: subscription.replays ? true : undefined,
      [PUBSUB_PUBLISHED]: pubsub.published,
      [SCOPE_SPAN_ID]: subscription.owner.spanId,
      [SUBSCRIPTION_OWNER]: subscription.owner.name,
      [SUBSCRIPTION_OWNER_OUTSIDE]: outside ? true : undefined,
      [SUBSCRIPTION_OWNER_CLOSED]: subscription.ownerClosed ? true : undefined,
      [SUBSCRIPTION_DELIVERED]: subscription.delivered,
      [SUBSCRIPTION_BACKLOG_MAX]: subscription.backlogMax,
      [SUBSCRIPTION_BACKLOG]: subscription.backlog,
      [SUBSCRIPTION_FULL_FOR]: subscription.fullFor === 0 ? undefined : subscription.fullFor / 1000,
      [SUBSCRIPTION_MISSED]: subscription.missed === 0 ? undefined : subscription.missed,
      [SUBSCRIPTION_MISSED_BEFORE]:
        subscription.missedBefore === 0 ? undefined : subscription.missedBefore,
      [SUBSCRIPTION_READ_BY_FORK]: subscription.readByFork ? true : undefined,
      [SUBSCRIPTION_FINISHED]: subscription.finished ? true : undefined,
    },
    events: [
      ...eventAt(SUBSCRIPTION_FIRST_EVENT, subscription.firstEventAt),
      ...eventAt(SUBSCRIPTION_UNTRACED_READ, subscription.untracedReadAt),
      ...eventAt(SUBSCRIPTION_UNREAD_PUBLISH, subscription.unreadPublishAt),
      ...sourceEndOf(subscription),
      ...eventAt(SUBSCRIPTION_RELEASED, subscription.endedAt, {
        [SCOPE_SPAN_ID]: subscription.releasedBy,
      }),
    ],
    links: outside && ownerScope !== undefined ? [ownerScope.span] : [],
  }
}

const sourceEndOf = ({ span, sourceEnd }: SubscriptionRecord): ReadonlyArray<SpanEvent> => {
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
