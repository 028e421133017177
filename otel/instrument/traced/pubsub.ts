import * as Effect from "effect/Effect"
import type * as PubSub from "effect/PubSub"
import { growing, type SourceEnd } from "../../lifetimes/model.ts"
import type { Micros } from "../../lifetimes/time.ts"
import { backingOf, capacityOf, drops, isObservable, observePubSub } from "../effect/pubsubs.ts"
import { harmlessly } from "../harmlessly.ts"
import { exchangeOf } from "../records/current-exchange.ts"
import { noteFeeder } from "../records/feeders.ts"
import type { ExchangeRecord, PubSubRecord, SubscriptionRecord } from "../records/record.ts"
import { makeSpanId } from "../records/record-span.ts"
import { type LifetimeRegistry, registryIn } from "../records/registry.ts"

const records = new WeakMap<object, PubSubRecord>()

/** What is recorded of a traced PubSub. */
export const recordOfPubSub = <A>(pubsub: PubSub.PubSub<A>): PubSubRecord | undefined =>
  records.get(backingOf(pubsub))

/**
 * Names a PubSub and counts what is published to it. Subscribe to it with `subscribeTraced`.
 *
 * ```ts
 * const bus = yield* PubSub.sliding<Event>(1024).pipe(tracedPubSub("bus"))
 * ```
 */
export const tracedPubSub =
  (name: string) =>
  <A, E, R>(make: Effect.Effect<PubSub.PubSub<A>, E, R>): Effect.Effect<PubSub.PubSub<A>, E, R> =>
    Effect.withFiber((fiber) => {
      const registry = registryIn(fiber.context)
      if (registry === undefined) return make
      return Effect.tap(make, (pubsub) =>
        Effect.sync(() =>
          harmlessly(() => observe(registry, name, pubsub, exchangeOf(fiber)), undefined),
        ),
      )
    })

const observe = <A>(
  registry: LifetimeRegistry,
  name: string,
  pubsub: PubSub.PubSub<A>,
  madeFor: ExchangeRecord | undefined,
): void => {
  if (!isObservable(pubsub)) return
  const record: PubSubRecord = {
    name,
    id: makeSpanId(),
    capacity: capacityOf(pubsub),
    drops: drops(pubsub),
    published: 0,
    recent: [],
    fedBy: undefined,
    replaced: false,
    madeFor,
    readByMaker: false,
    subscriptions: new Set(),
    abandoned: new Set(),
  }
  observePubSub(pubsub, {
    published: (accepted, refused) => countPublished(registry, record, accepted, refused),
    ended: (how) => sourceEnded(registry, record, how),
  })
  registry.replace(record)
  records.set(backingOf(pubsub), record)
}

/** Publishes whose time is kept, to count those that a late subscription missed. */
const recentAtMost = 256

const countPublished = (
  registry: LifetimeRegistry,
  record: PubSubRecord,
  accepted: number,
  refused: number,
): void => {
  record.published += accepted
  noteFeeder(registry, record)
  if (accepted > 0 || record.drops) {
    const at = registry.now()
    if (record.recent.push({ at, count: accepted + refused }) > recentAtMost) {
      record.recent.shift()
    }
  }
  if (refused > 0) foundFull(registry, record, refused)
  if (record.capacity === undefined) noteGrowth(registry, record, accepted)
  if (record.abandoned.size > 0) registry.publishedUnread(record.abandoned)
}

/** A full PubSub is as full as its slowest subscriptions. */
const foundFull = (registry: LifetimeRegistry, record: PubSubRecord, surplus: number): void => {
  for (const subscription of record.subscriptions) {
    if (subscription.waiting() < (record.capacity ?? Number.POSITIVE_INFINITY)) continue
    subscription.fullSince ??= registry.now()
    if (record.drops) subscription.dropped += surplus
    if (subscription.exchange !== undefined) registry.review.later(subscription.exchange)
  }
}

/** How often the subscriptions of an unbounded PubSub are looked at, in messages. */
const growthStep = 128

/** Without a capacity nothing is ever full: too much waits where the reader is far behind. */
const noteGrowth = (registry: LifetimeRegistry, record: PubSubRecord, published: number): void => {
  if (record.published % growthStep >= published) return
  for (const subscription of record.subscriptions) {
    if (subscription.waiting() >= growing) subscription.fullSince ??= registry.now()
  }
}

/** Nothing can come any more to those who are subscribed; while the program stops nothing has to. */
const sourceEnded = (
  registry: LifetimeRegistry,
  record: PubSubRecord,
  how: SourceEnd["how"],
): void => {
  if (registry.isShuttingDown) return
  const at = registry.now()
  const scope = registry.closingScope
  for (const subscription of record.subscriptions) {
    subscription.sourceEnd = {
      at,
      how,
      by:
        scope === undefined
          ? undefined
          : {
              name: scope.name,
              span: scope.span,
              belongsTo: belongsTo(scope.exchange, subscription),
            },
      get replaced() {
        return record.replaced
      },
    }
    if (subscription.exchange !== undefined) registry.review.later(subscription.exchange)
  }
}

/**
 * A PubSub belongs to another exchange where that made it, was the first to read it, and shut it down
 * itself. Whoever else shuts one down closes it for everybody on purpose.
 */
const belongsTo = (
  exchange: ExchangeRecord | undefined,
  subscription: SubscriptionRecord,
): NonNullable<SourceEnd["by"]>["belongsTo"] => {
  const { pubsub } = subscription
  if (exchange === undefined) return "the program"
  if (exchange === subscription.exchange) return "this exchange"
  return pubsub.madeFor === exchange && pubsub.readByMaker ? "another exchange" : "the program"
}

/** How many messages were published after one moment and until another; at most 256 publishes count. */
export const publishedBetween = (
  { recent }: PubSubRecord,
  after: Micros,
  until: Micros,
): number => {
  let sum = 0
  for (const { at, count } of recent) if (at > after && at <= until) sum += count
  return sum
}
