import {
  PUBSUB_NAME,
  SCOPE_BELONGS_TO,
  SCOPE_NAME,
  SCOPE_SPAN_ID,
  SUBSCRIPTION_OWNER,
} from "../../attributes.ts"
import { belongings, sourceEnds } from "../terms.ts"
import type { Micros } from "../time.ts"
import { codeOf } from "./code.ts"
import { event, type LinkedLifetime, linkedAs, links, timeOf, unread } from "./entry.ts"
import { feederFailure, fiberFailure } from "./fiber-failure.ts"
import {
  attribute,
  attributeOr,
  type Field,
  happening,
  moment,
  nameIn,
  needed,
  optional,
  type PresentIn,
  struct,
  time,
} from "./field.ts"
import { ended, kindOf } from "./interval.ts"
import {
  count,
  countUnlessZero,
  flag,
  id,
  millisUnlessZero,
  oneOf,
  or,
  text,
  unless,
} from "./notation.ts"
import { standstill } from "./standstill.ts"
import { type LifetimeOf, spanTable } from "./table.ts"

const owner = struct({
  spanId: attribute(SCOPE_SPAN_ID, id, "The scope whose closing releases it: its span id."),
  name: attribute(SUBSCRIPTION_OWNER, or(text, ""), "The name of that scope."),
  inExchange: attribute(
    "effect.subscription.owner.outside_exchange",
    unless,
    "That scope does not belong to the exchange that acquired the subscription.",
  ),
})

const traceOfScope = attributeOr(
  "effect.scope.trace_id",
  id,
  ({ traceId }) => traceId,
  "Its trace, if that is another one.",
)

const otherTrace: Field<string> = {
  ...traceOfScope,
  write: (value, to, span) => {
    if (value !== span.traceId) traceOfScope.write(value, to, span)
  },
}

/** The scope whose closing ended something. */
export const endedByScope = optional({
  name: attribute(SCOPE_NAME, or(text, ""), "The scope whose closing did it, if one did."),
  span: needed(
    optional({
      spanId: needed(attribute(SCOPE_SPAN_ID, id, "The span id of that scope.")),
      traceId: otherTrace,
    }),
  ),
  belongsTo: needed(
    attribute(
      SCOPE_BELONGS_TO,
      oneOf(belongings),
      "Whose scope it is: that of this exchange, of another one, or of the program.",
    ),
  ),
})

const sourceEnd = happening(
  "subscription.source_end",
  "Its PubSub came to an end while it was held.",
  {
    at: time,
    how: needed(
      attribute("effect.pubsub.end", oneOf(sourceEnds), "With a last message, or shut down."),
    ),
    replaced: attribute(
      "effect.pubsub.replaced",
      flag,
      "Another PubSub of that name has been made since.",
    ),
    byReader: attribute(
      "effect.pubsub.shut_by_reader",
      flag,
      "The program had made it, and an exchange that had read it shut it down while it cleaned up. The exchange of this subscription did so too, or subscribed later.",
    ),
    byHandler: attribute(
      "effect.pubsub.shut_by_handler",
      flag,
      "The handler of this exchange did it, before it returned, and no scope was closing.",
    ),
    by: endedByScope,
    code: codeOf("around the opening of that scope, or of the handler that did it"),
  },
)

/** How the PubSub behind a subscription came to an end while that was held. */
export interface SourceEnd extends PresentIn<typeof sourceEnd> {}

/** What a record of a subscription knows besides. */
export interface More {
  readonly pubsub: { readonly id: string; readonly published: number }
  readonly firstEventAt: Micros | undefined
  readonly endedAt: Micros | undefined
  readonly owner: { readonly inExchange: boolean }
  readonly ownerScope: LinkedLifetime | undefined
}

export const subscriptionSpan = spanTable<More>()(
  "subscription PUBSUB",
  "A subscription to a PubSub, from its acquisition to its release.",
  {
    kind: kindOf("subscription"),
    name: nameIn(PUBSUB_NAME, "The name given to the PubSub, or `unnamed`."),
    code: codeOf("around its acquisition"),
    id: unread(
      "effect.pubsub.id",
      text,
      ({ pubsub }) => pubsub.id,
      "Tells PubSubs of the same name in one process apart.",
      "rules go by what happened to each subscription",
    ),
    capacity: attribute(
      "effect.pubsub.capacity",
      count,
      "Capacity of the PubSub in messages; absent if it has none.",
    ),
    replays: attribute(
      "effect.pubsub.replays",
      flag,
      "The PubSub gives a new subscription what was published before it.",
    ),
    published: unread(
      "effect.pubsub.published",
      count,
      ({ pubsub }) => pubsub.published,
      "Messages that the PubSub had accepted when the subscription ended.",
      "rules count what a subscription got and missed",
    ),
    owner,
    ownerClosed: attribute(
      "effect.subscription.owner.closed",
      flag,
      "Its owner closed before the streams that read it had ended.",
    ),
    delivered: attribute(
      "effect.subscription.delivered",
      or(count, 0),
      "Messages taken out of it.",
    ),
    backlogMax: attribute(
      "effect.subscription.backlog.max",
      or(count, 0),
      "The most messages that were seen waiting in it.",
    ),
    backlog: attribute(
      "effect.subscription.backlog",
      or(count, 0),
      "Messages that waited in it at its end, or now.",
    ),
    fullFor: attribute(
      "effect.subscription.full_for_ms",
      millisUnlessZero,
      "The longest time that publishers found it full without a message being taken, or, if it has " +
        "no capacity, that 1,000 or more messages waited.",
    ),
    missed: attribute(
      "effect.subscription.missed",
      countUnlessZero,
      "Messages that were pushed out or refused because it was full.",
    ),
    missedBefore: attribute(
      "effect.subscription.missed_before",
      countUnlessZero,
      "Messages published between the first element of the stream that reads it and its acquisition.",
    ),
    readByFork: attribute(
      "effect.subscription.read_by_fork",
      flag,
      "Forks of a stream read it, as in a merge, and not the stream's own fiber.",
    ),
    withinStream: attribute(
      "effect.subscription.within_stream",
      flag,
      "The stream that reads it also publishes what it reads, as with `Stream.share`.",
    ),
    shared: attribute(
      "effect.subscription.shared",
      flag,
      "It was acquired for others too: a stream of another exchange read it, or what reads it was still at work when its exchange was over.",
    ),
    beside: attribute(
      "effect.subscription.beside",
      flag,
      "A fork acquired it that ran beside what its stream sent first, as in a merge.",
    ),
    endedWithProgram: attribute(
      "effect.subscription.ended_with_program",
      flag,
      "It was released while a scope of the program closed.",
    ),
    finished: attribute(
      "effect.subscription.finished",
      flag,
      "Its PubSub ended or was shut down before it was released: nothing more could come.",
    ),
    firstEvent: event(
      "subscription.first_event",
      "The first message was taken out of it.",
      { at: timeOf(({ firstEventAt }) => firstEventAt) },
      "rules go by the first event of the stream",
    ),
    untracedReadAt: moment(
      "subscription.untraced_read",
      "Something that is no traced stream of its exchange last took from it.",
    ),
    unreadPublishAt: moment(
      "subscription.unread_publish",
      "A message first arrived for it after its last traced reader had ended.",
    ),
    sourceEnd,
    readerFailed: fiberFailure(
      "subscription.reader_failed",
      "The fiber of a WebSocket that had read it last failed, and nobody was told.",
    ),
    feederFailed: feederFailure(
      "subscription.feeder_failed",
      "The only fiber that had ever published to its PubSub failed, and nobody was told.",
    ),
    publishedElsewhere: happening(
      "subscription.published_elsewhere",
      "Nothing had ever been published to its PubSub. Messages went to one that another build of the same " +
        "Layer had made, and that nobody had ever read.",
      {
        at: time,
        count: needed(attribute("effect.pubsub.elsewhere.published", count, "How many messages.")),
      },
    ),
    stalled: standstill,
    release: event("subscription.released", "It was released.", {
      at: timeOf(({ endedAt }) => endedAt),
      releasedBy: attribute(SCOPE_SPAN_ID, id, "The span id of the scope that closed."),
    }),
    outsideOwner: links(
      ({ owner: { inExchange }, ownerScope }) =>
        inExchange || ownerScope === undefined ? [] : [linkedAs("owner", ownerScope)],
      "Its owner, if that does not belong to its exchange.",
      "an attribute says it",
    ),
    endedAt: ended,
  },
)

/** A subscription to a PubSub, from its acquisition in a scope until it is released. */
export interface Subscription extends LifetimeOf<typeof subscriptionSpan> {}
