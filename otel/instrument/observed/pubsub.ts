import * as Fiber from "effect/Fiber"
import type * as PubSub from "effect/PubSub"
import { growing, type SourceEnd } from "../../lifetimes/model.ts"
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
import { definitionOf, frameOf } from "../effect/stack-frames.ts"
import {
  exchangeOf,
  exchangeServedBy,
  frameWithin,
  handlerOn,
  leftBodyOn,
} from "../records/current-exchange.ts"
import { RecentPublishes } from "../records/recent-publishes.ts"
import type {
  ExchangeRecord,
  PubSubEnd,
  PubSubRecord,
  SubscriptionRecord,
} from "../records/record.ts"
import { makeSpanId } from "../records/record-span.ts"
import type { LifetimeRegistry } from "../records/registry.ts"

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

/** No message can come to its subscribers any more. While the program stops, none has to. */
const sourceEnded = (
  registry: LifetimeRegistry,
  record: PubSubRecord,
  how: SourceEnd["how"],
): void => {
  if (registry.isShuttingDown) return
  if (record.end?.how === "shutdown") {
    shutDownAgain(record.end)
    return
  }
  const { closingScope: scope, endingExchange } = registry.finalizing
  const fiber = Fiber.getCurrent()
  const reader = registry.isStopping ? undefined : (endingExchange ?? (fiber && leftBodyOn(fiber)))
  record.end = {
    at: registry.now(),
    how,
    scope,
    reader: reader !== undefined && hasRead(reader, record) ? reader : undefined,
    handler: scope === undefined && fiber !== undefined ? handlerOn(fiber) : undefined,
    frame: fiber && frameOf(fiber),
    readers: readersOf(record),
    again: new WeakSet(),
    get isRenewed() {
      return registry.renewedPubSubs.hasLike(record)
    },
  }
  for (const subscription of record.subscriptions) {
    noteSourceEnd(subscription)
    if (subscription.exchange !== undefined) registry.review.later(subscription.exchange)
  }
}

/** Nothing more ends, but whoever does so shuts it down whenever it is over. */
const shutDownAgain = ({ again }: PubSubEnd): void => {
  const fiber = Fiber.getCurrent()
  const exchange = fiber && exchangeServedBy(fiber)
  if (exchange !== undefined) again.add(exchange)
}

const readersOf = ({ subscriptions }: PubSubRecord): PubSubEnd["readers"] => {
  const readers = new Set<ExchangeRecord>()
  for (const { exchange } of subscriptions) if (exchange !== undefined) readers.add(exchange)
  return Array.from(readers, (exchange) => new WeakRef(exchange))
}

const hasRead = ({ subscriptions }: ExchangeRecord, pubsub: PubSubRecord): boolean =>
  subscriptions.some((subscription) => subscription.pubsub === pubsub)

/** Its PubSub has come to an end, perhaps before the subscription was acquired. */
export const noteSourceEnd = (subscription: SubscriptionRecord): void => {
  const { pubsub } = subscription
  if (pubsub.end === undefined) return
  const { at, how, scope, handler, frame } = pubsub.end
  // If others made it, the handler ends it for all of them, and knows that.
  const byHandler =
    handler !== undefined && handler === subscription.exchange && handler === pubsub.madeFor
  subscription.sourceEnd = {
    at,
    how,
    by:
      scope === undefined
        ? undefined
        : {
            name: scope.name,
            span: scope.span,
            get belongsTo() {
              return belongsTo(scope.exchange, subscription)
            },
          },
    byHandler,
    get code() {
      return byHandler ? definitionOf(frameWithin(frame, handler)) : scope?.code
    },
    get replaced() {
      return pubsub.replaced
    },
    get byReader() {
      return isByReader(subscription)
    },
  }
}

/**
 * A PubSub belongs to another exchange if that exchange made it and shut it down, and was the first to read it or
 * did so before anybody could read it here. Anyone else who shuts down a PubSub closes it for everybody on
 * purpose, unless all who read it do so.
 */
const belongsTo = (
  exchange: ExchangeRecord | undefined,
  subscription: SubscriptionRecord,
): NonNullable<SourceEnd["by"]>["belongsTo"] => {
  const { pubsub, startedAt } = subscription
  if (isByReader(subscription)) return "another exchange"
  if (exchange === undefined) return "the program"
  if (exchange === subscription.exchange) return "this exchange"
  if (pubsub.madeFor !== exchange) return "the program"
  const wasGone = pubsub.end !== undefined && pubsub.end.at < startedAt
  return pubsub.readByMaker || wasGone ? "another exchange" : "the program"
}

/**
 * Whether one reader shut down what the program made for all, and the subscription's own exchange does the same
 * when it is over, or comes later and finds nothing. The host of a room also shuts it down when it leaves, but
 * its guests do not. A room that is made anew for each conversation may be shut down by all who talk in it.
 */
const isByReader = ({ pubsub, exchange, startedAt }: SubscriptionRecord): boolean => {
  const { end, madeAtStart } = pubsub
  if (!madeAtStart || end?.reader === undefined || end.isRenewed) return false
  if (exchange === undefined || exchange === end.reader) return false
  return startedAt > end.at || (end.again.has(exchange) && !isSpared(end, exchange))
}

/** Another such reader was over and did not shut it down: only the last one out does, or who has a part like the host. */
const isSpared = ({ reader, readers, again }: PubSubEnd, { route }: ExchangeRecord): boolean =>
  readers.some((known) => {
    const other = known.deref()
    if (other === undefined || other === reader || other.route !== route) return false
    return other.completed && !again.has(other)
  })
