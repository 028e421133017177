import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as MutableList from "effect/MutableList"
import * as Option from "effect/Option"
import * as PubSub from "effect/PubSub"
import * as Scope from "effect/Scope"
import { growing } from "../../lifetimes/model.ts"
import { exchangeOf } from "../records/current-exchange.ts"
import { readerOn } from "../records/current-stream.ts"
import { recall } from "../records/forgetting.ts"
import { parentSpan } from "../records/parent-span.ts"
import type { PubSubRecord, StreamRunRecord, SubscriptionRecord } from "../records/record.ts"
import { type LifetimeRegistry, Registry } from "../records/registry.ts"
import { makeSpanId, makeTraceId } from "../records/span-id.ts"
import { publishedBetween, recordOfPubSub } from "./pubsub.ts"

/**
 * `PubSub.subscribe` on a traced PubSub, with the subscription's lifetime recorded: who owns it, who
 * reads it, and whether it was released under its reader.
 */
export const subscribeTraced = <A>(
  pubsub: PubSub.PubSub<A>,
): Effect.Effect<PubSub.Subscription<A>, never, Scope.Scope> =>
  Effect.flatMap(Effect.scope, (owner) =>
    Effect.withFiber((fiber) => {
      const registry = Context.getOrUndefined(fiber.context, Registry)
      const source = recordOfPubSub(pubsub)
      if (registry === undefined || source === undefined) return PubSub.subscribe(pubsub)
      return Effect.map(PubSub.subscribe(pubsub), (subscription) => {
        const record = acquire(registry, source, owner, fiber)
        record.replays = subscription.replayWindow !== noReplay
        record.replayed = subscription.replayWindow.remaining
        watch(registry, record, owner, subscription)
        return subscription
      })
    }),
  )

/** What every PubSub has that replays nothing. */
const noReplay = PubSub.makeAtomicUnbounded().replayWindow()

const acquire = (
  registry: LifetimeRegistry,
  pubsub: PubSubRecord,
  owner: Scope.Scope,
  fiber: Fiber.Fiber<unknown, unknown>,
): SubscriptionRecord => {
  const exchange = exchangeOf(fiber)
  const ownerScope = registry.recordOf(owner)
  const acquiredIn = ownerScope?.exchange === exchange ? ownerScope : exchange?.scopes[0]
  const record: SubscriptionRecord = {
    kind: "subscription",
    span: { traceId: exchange?.span.traceId ?? makeTraceId(), spanId: makeSpanId() },
    parentSpan: parentSpan(exchange, acquiredIn),
    exchange,
    name: pubsub.name,
    startedAt: registry.now(),
    endedAt: undefined,
    owner: {
      name: ownerScope?.name ?? "an untraced scope",
      spanId: ownerScope?.span.spanId,
      inExchange: ownerScope !== undefined && ownerScope.exchange === exchange,
    },
    ownerScope,
    releasedBy: undefined,
    finished: false,
    sourceEnd: undefined,
    ownerClosed: false,
    readByFork: false,
    delivered: 0,
    missedBefore: 0,
    missed: 0,
    backlogMax: 0,
    backlog: 0,
    capacity: pubsub.capacity,
    replays: false,
    replayed: 0,
    fullFor: 0,
    unreadPublishAt: undefined,
    untracedReadAt: undefined,
    publishedBefore: pubsub.published,
    dropped: 0,
    fullSince: undefined,
    pubsub,
    firstEventAt: undefined,
    readers: new Set(),
    end: undefined,
    unread: false,
    isOwnerClosed: () => owner.state._tag === "Closed",
    isAwaited: () => false,
    waiting: () => 0,
    takeStock: () => {},
  }
  registry.subscriptions.add(record)
  pubsub.subscriptions.add(record)
  exchange?.subscriptions.push(record)
  return record
}

/**
 * Every attempt to take from a subscription asks its `shutdownFlag` first, on the fiber that takes;
 * releasing the subscription sets it. Both are observed there, because a released subscription
 * interrupts its reader without a trace (checked against effect 4.1.0, `PubSub.ts`).
 */
const watch = <A>(
  registry: LifetimeRegistry,
  record: SubscriptionRecord,
  owner: Scope.Scope,
  subscription: PubSub.Subscription<A>,
): void => {
  let released = subscription.shutdownFlag.current
  if (released) release(registry, record, owner, subscription)
  record.isAwaited = () => subscription.pollers.length > 0
  record.takeStock = () => takeStock(registry, record)
  // An unbounded subscription would have to count its messages one by one.
  record.waiting = () =>
    record.capacity === undefined
      ? record.pubsub.published - record.publishedBefore - record.delivered
      : subscription.subscription.size()
  Object.defineProperty(subscription.shutdownFlag, "current", {
    configurable: true,
    enumerable: true,
    get: () => {
      noteReader(registry, record)
      return released
    },
    set: (value: boolean) => {
      if (value && !released) release(registry, record, owner, subscription)
      released = value
    },
  })
  countDeliveries(registry, record, subscription.subscription)
}

const noteReader = (registry: LifetimeRegistry, record: SubscriptionRecord): void => {
  const fiber = Fiber.getCurrent()
  const stream = streamOf(registry, fiber)
  if (stream?.exchange !== record.exchange) noteUntracedRead(registry, record)
  if (stream === undefined) return
  if (!record.readers.has(stream) && stream.endedAt === undefined) {
    record.readers.add(stream)
    noteLate(record, stream)
    if (record.pubsub.madeFor === stream.exchange) record.pubsub.readByMaker = true
    stream.reads.push(record.span.spanId)
    stream.readsFrom.push(record)
    record.readByFork = fiber?.id !== stream.fiber
  }
  if (record.end !== undefined) refuse(registry, record, stream)
}

/**
 * The stream for which a fiber reads. A fork that lives in a scope of its own works for whoever that
 * belongs to, as the pump of an upstream that several share, and not for the stream that came first.
 */
const streamOf = (
  registry: LifetimeRegistry,
  fiber: Fiber.Fiber<unknown, unknown> | undefined,
): StreamRunRecord | undefined => {
  const stream = readerOn(fiber)
  if (fiber === undefined || stream === undefined || fiber.id === stream.fiber) return stream
  const livesIn = registry.recordOf(Context.getOrUndefined(fiber.context, Scope.Scope))
  return livesIn === undefined || livesIn === stream.livesIn ? stream : undefined
}

/** A stream that has sent something before it had anything to read. */
const noteLate = (record: SubscriptionRecord, { reads, firstEventAt }: StreamRunRecord): void => {
  if (reads.length > 0 || firstEventAt === undefined) return
  const published = publishedBetween(record.pubsub, firstEventAt, record.startedAt)
  record.missedBefore = Math.max(record.missedBefore, published - record.replayed)
}

/** That there was one counts while the exchange runs, and when there was one after it has ended. */
const noteUntracedRead = (registry: LifetimeRegistry, record: SubscriptionRecord): void => {
  if (record.untracedReadAt !== undefined && record.exchange?.endedAt === undefined) return
  record.untracedReadAt = registry.now()
}

const refuse = (
  registry: LifetimeRegistry,
  record: SubscriptionRecord,
  reader: StreamRunRecord,
): void => {
  recall(record)
  reader.refusedBy = record
  if (record.end === "released") {
    reader.refused ??= { at: registry.now(), subscription: record.span.spanId }
  }
}

const release = <A>(
  registry: LifetimeRegistry,
  record: SubscriptionRecord,
  owner: Scope.Scope,
  subscription: PubSub.Subscription<A>,
): void => {
  const byOwner = owner.state._tag === "Closed"
  record.end = byOwner && !sourceEnded(subscription) ? "released" : "finished"
  record.finished = record.end === "finished"
  record.releasedBy = byOwner ? record.ownerScope?.span.spanId : undefined
  takeStock(registry, record)
  record.endedAt = registry.now()
  record.pubsub.subscriptions.delete(record)
  if (subscription.pollers.length > 0) {
    for (const reader of record.readers) refuse(registry, record, reader)
  }
  registry.subscriptions.delete(record)
  registry.ended(record)
}

const sourceEnded = <A>(subscription: PubSub.Subscription<A>): boolean =>
  Option.isSome(subscription.ended.current)

const takeStock = (registry: LifetimeRegistry, record: SubscriptionRecord): void => {
  if (record.unread || record.endedAt !== undefined) return
  const { pubsub, publishedBefore, delivered, dropped } = record
  record.backlog = Math.max(0, record.waiting())
  record.backlogMax = Math.max(record.backlogMax, record.backlog)
  const accepted = pubsub.published - publishedBefore
  record.missed = dropped + Math.max(0, accepted - delivered - record.backlog)
  noteTaken(registry, record)
}

const noteTaken = (registry: LifetimeRegistry, record: SubscriptionRecord): void => {
  if (record.fullSince === undefined) return
  record.fullFor = Math.max(record.fullFor, registry.now() - record.fullSince)
}

const countDeliveries = <A>(
  registry: LifetimeRegistry,
  record: SubscriptionRecord,
  backing: PubSub.PubSub.BackingSubscription<A>,
): void => {
  const { poll, pollUpTo } = backing
  const took = (count: number, waiting: number) => {
    record.delivered += count
    if (waiting > record.backlogMax) record.backlogMax = waiting
    record.firstEventAt ??= registry.now()
    noteTaken(registry, record)
    // Full it is no more; where it has no capacity, too much may still wait.
    if (record.capacity !== undefined || waiting - count < growing) record.fullSince = undefined
  }
  let inBatch = false // some take a batch one by one
  backing.poll = () => {
    if (inBatch) return poll.call(backing)
    const waiting = record.waiting()
    const message = poll.call(backing)
    if (message !== MutableList.Empty) took(1, waiting)
    return message
  }
  backing.pollUpTo = (limit) => {
    const waiting = record.waiting()
    inBatch = true
    const messages = pollUpTo.call(backing, limit)
    inBatch = false
    if (messages.length > 0) took(messages.length, waiting)
    return messages
  }
}
