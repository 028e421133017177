import * as Fiber from "effect/Fiber"
import type * as PubSub from "effect/PubSub"
import { growing } from "../../lifetimes/model.ts"
import { type AnyFiber, hasJustDone, stepOf } from "../effect/fibers.ts"
import {
  backingOf,
  capacityOf,
  drops,
  isObservable,
  observePubSub,
  type PubSubParts,
  waitsForNobody,
} from "../effect/pubsubs.ts"
import { scopeIn } from "../effect/scopes.ts"
import { exchangeOf, leftBodyOn } from "../records/current-exchange.ts"
import { RecentPublishes } from "../records/recent-publishes.ts"
import type { ExchangeRecord, PubSubRecord } from "../records/record.ts"
import { makeSpanId } from "../records/record-span.ts"
import type { LifetimeRegistry } from "../records/registry.ts"
import { sourceEnded } from "./pubsub-end.ts"

/** An observed PubSub, and the record of what happens to it. */
interface Observed {
  registry: LifetimeRegistry
  record: PubSubRecord
}

const observed = new WeakMap<object, Observed>()

/**
 * Observes a PubSub from now on, known by itself or by a subscription; `undefined` if it cannot be observed.
 */
export const recordPubSub = <A>(
  registry: LifetimeRegistry,
  parts: PubSubParts<A>,
  madeFor?: ExchangeRecord,
): PubSubRecord | undefined => {
  if (!registry.observes.pubsub) return undefined
  const known = observed.get(backingOf(parts))
  if (known !== undefined) {
    // It outlives the Layer under which it was first seen.
    if (known.registry.isFinished) Object.assign(known, { registry, record: makeRecord(parts) })
    return known.record
  }
  if (!isObservable(parts)) return undefined
  const met: Observed = { registry, record: makeRecord(parts, madeFor) }
  observed.set(backingOf(parts), met)
  observePubSub(parts, {
    published: (accepted, refused) => countPublished(met.registry, met.record, accepted, refused),
    ended: (how) => sourceEnded(met.registry, met.record, how),
  })
  return met.record
}

/** The same for a PubSub that the fiber has just made. */
export const recordMadePubSub = <A>(
  registry: LifetimeRegistry,
  fiber: AnyFiber,
  pubsub: PubSub.PubSub<A>,
): void => {
  const exchange = exchangeOf(fiber)
  const record = recordPubSub(registry, pubsub, exchange)
  if (record === undefined) return
  record.madeIn = stepOf(fiber)
  if (registry.hasServed && isForProgram(registry, fiber, exchange))
    registry.renewedPubSubs.made(record)
  if (exchange !== undefined) return
  record.madeAtStart = !registry.hasServed
  const scope = scopeIn(fiber.context)
  if (scope !== undefined) registry.layerTwins.made(scope, record)
}

/** What a request makes while it cleans up is for those who come after it. */
const isForProgram = (
  { finalizing }: LifetimeRegistry,
  fiber: AnyFiber,
  exchange: ExchangeRecord | undefined,
): boolean =>
  exchange === undefined || finalizing.endingExchange === exchange || leftBodyOn(fiber) === exchange

/** Gives a PubSub its name. */
export const namePubSub = <A>(
  registry: LifetimeRegistry,
  name: string,
  pubsub: PubSub.PubSub<A>,
  madeFor: ExchangeRecord | undefined,
): void => {
  const record = recordPubSub(registry, pubsub, madeFor)
  if (record === undefined) return
  record.given = name
  registry.replace(name, record)
}

const makeRecord = <A>(parts: PubSubParts<A>, madeFor?: ExchangeRecord): PubSubRecord => ({
  given: undefined,
  id: makeSpanId(),
  capacity: capacityOf(parts),
  drops: drops(parts),
  waitsForNobody: capacityOf(parts) !== undefined && waitsForNobody(parts),
  published: 0,
  recent: new RecentPublishes(),
  fedBy: undefined,
  replaced: false,
  end: undefined,
  madeFor,
  madeIn: undefined,
  madeAtStart: false,
  twin: undefined,
  everRead: false,
  readByMaker: false,
  servedLate: false,
  subscriptions: new Set(),
  abandoned: new Set(),
})

const countPublished = (
  registry: LifetimeRegistry,
  record: PubSubRecord,
  accepted: number,
  refused: number,
): void => {
  const fiber = Fiber.getCurrent()
  if (!isInitial(record, fiber)) registry.feeders.note(record, record.subscriptions, fiber)
  record.published += accepted
  if (accepted > 0 || record.drops) {
    record.recent.add(registry.now(), accepted + refused)
  }
  if (refused > 0) foundFull(registry, record, refused)
  if (record.capacity === undefined) noteGrowth(registry, record, accepted)
  if (record.abandoned.size > 0) registry.publishedUnread(record.abandoned)
  if (record.twin !== undefined) registry.layerTwins.published(record, record.twin, accepted)
}

/** Whoever makes a SubscriptionRef gives it a value, and does not feed it by that. */
const isInitial = ({ madeIn, published }: PubSubRecord, fiber: AnyFiber | undefined): boolean =>
  published === 0 && madeIn !== undefined && fiber !== undefined && hasJustDone(fiber, madeIn)

/** A full PubSub is as full as its slowest subscriptions. */
const foundFull = (registry: LifetimeRegistry, record: PubSubRecord, surplus: number): void => {
  for (const subscription of record.subscriptions) {
    if (subscription.waiting() < (record.capacity ?? Number.POSITIVE_INFINITY)) continue
    subscription.fullSince ??= registry.now()
    if (record.drops) subscription.dropped += surplus
    if (record.waitsForNobody) subscription.lost(surplus)
    if (subscription.exchange !== undefined) registry.review.later(subscription.exchange)
  }
}

/** How often the subscriptions of an unbounded PubSub are checked, in messages. */
const growthStep = 128

/** Without a capacity nothing is ever full: too much waits if the reader is far behind. */
const noteGrowth = (registry: LifetimeRegistry, record: PubSubRecord, published: number): void => {
  if (record.published % growthStep >= published) return
  for (const subscription of record.subscriptions) {
    if (subscription.waiting() >= growing) subscription.fullSince ??= registry.now()
  }
}
