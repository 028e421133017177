import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as PubSub from "effect/PubSub"
import type * as Scope from "effect/Scope"
import { growing } from "../../lifetimes/model.ts"
import type { AnyFiber } from "../effect/fibers.ts"
import { isClosed, scopeIn } from "../effect/scopes.ts"
import { isObservable, observeSubscription, SubscriptionView } from "../effect/subscriptions.ts"
import { harmlessly } from "../harmlessly.ts"
import { exchangeOf } from "../records/current-exchange.ts"
import { readerOn } from "../records/current-stream.ts"
import { recall } from "../records/forgetting.ts"
import type { PubSubRecord, StreamRunRecord, SubscriptionRecord } from "../records/record.ts"
import { makeSpanId, makeTraceId, parentSpan } from "../records/record-span.ts"
import { type LifetimeRegistry, registryIn } from "../records/registry.ts"
import { isStopping } from "../records/stopping.ts"
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
      const registry = registryIn(fiber.context)
      const source = recordOfPubSub(pubsub)
      if (registry === undefined || source === undefined) return PubSub.subscribe(pubsub)
      return Effect.map(PubSub.subscribe(pubsub), (subscription) => {
        harmlessly(() => observe(registry, source, owner, fiber, subscription), undefined)
        return subscription
      })
    }),
  )

const observe = <A>(
  registry: LifetimeRegistry,
  source: PubSubRecord,
  owner: Scope.Scope,
  fiber: AnyFiber,
  subscription: PubSub.Subscription<A>,
): void => {
  if (!isObservable(subscription)) return
  registry.finalizers.claim(fiber, owner)
  const view = new SubscriptionView(subscription)
  const record = acquire(registry, source, owner, fiber)
  record.replays = view.replays
  record.replayed = view.replayed
  const released = () => release(registry, record, owner, view)
  if (view.isReleased) released()
  record.isAwaited = () => view.isAwaited
  record.takeStock = () => takeStock(registry, record)
  // An unbounded subscription would have to count its messages one by one.
  record.waiting = () =>
    record.capacity === undefined
      ? record.pubsub.published - record.publishedBefore - record.delivered
      : view.size
  observeSubscription(subscription, {
    asked: () => noteReader(registry, record),
    released,
    waiting: record.waiting,
    took: (count, waiting) => noteDelivery(registry, record, count, waiting),
  })
}

const acquire = (
  registry: LifetimeRegistry,
  pubsub: PubSubRecord,
  owner: Scope.Scope,
  fiber: AnyFiber,
): SubscriptionRecord => {
  const exchange = exchangeOf(fiber)
  const ownerScope = registry.recordOf(owner)
  const acquiredIn = ownerScope?.exchange === exchange ? ownerScope : exchange?.scopes[0]
  const parent = parentSpan(exchange, acquiredIn)
  if (ownerScope !== undefined) ownerScope.isNamed ||= ownerScope.exchange === undefined
  const record: SubscriptionRecord = {
    kind: "subscription",
    span: { traceId: parent?.traceId ?? makeTraceId(), spanId: makeSpanId() },
    parentSpan: parent,
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
    feederFailed: pubsub.fedBy?.failure,
    ownerClosed: false,
    readByFork: false,
    shared: false,
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
    readIn: undefined,
    isOwnerClosed: () => isClosed(owner),
    isAwaited: () => false,
    waiting: () => 0,
    takeStock: () => {},
  }
  registry.subscriptions.add(record)
  pubsub.subscriptions.add(record)
  exchange?.subscriptions.push(record)
  return record
}

const noteReader = (registry: LifetimeRegistry, record: SubscriptionRecord): void => {
  const fiber = Fiber.getCurrent()
  const stream = streamOf(registry, fiber)
  if (stream?.exchange !== record.exchange) {
    noteUntracedRead(registry, record)
    record.readIn = fiber && scopeIn(fiber.context)
  }
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
  fiber: AnyFiber | undefined,
): StreamRunRecord | undefined => {
  const stream = readerOn(fiber)
  if (fiber === undefined || stream === undefined || fiber.id === stream.fiber) return stream
  const livesIn = registry.recordOf(scopeIn(fiber.context))
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
  if (isPartOf(reader, record)) return
  recall(record)
  reader.refusedBy = record
  if (record.end === "released" && !isStopping(reader.exchange)) {
    reader.refused ??= { at: registry.now(), subscription: record.span.spanId }
  }
}

/**
 * The run acquired it itself, in a scope that streams are made of: that closes when the part of the run ends
 * that reads it, whoever ends that, and may find a fork waiting.
 */
const isPartOf = (
  { startedAt }: StreamRunRecord,
  { ownerScope, startedAt: acquiredAt }: SubscriptionRecord,
): boolean => ownerScope === undefined && acquiredAt >= startedAt

const release = <A>(
  registry: LifetimeRegistry,
  record: SubscriptionRecord,
  owner: Scope.Scope,
  view: SubscriptionView<A>,
): void => {
  const byOwner = isClosed(owner)
  record.end = byOwner && !view.hasSourceEnded ? "released" : "finished"
  record.finished = record.end === "finished"
  record.releasedBy = byOwner ? record.ownerScope?.span.spanId : undefined
  takeStock(registry, record)
  record.endedAt = registry.now()
  record.pubsub.subscriptions.delete(record)
  if (view.isAwaited) {
    for (const reader of record.readers) refuse(registry, record, reader)
  }
  registry.subscriptions.delete(record)
  registry.ended(record)
}

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

const noteDelivery = (
  registry: LifetimeRegistry,
  record: SubscriptionRecord,
  count: number,
  waiting: number,
): void => {
  record.delivered += count
  if (waiting > record.backlogMax) record.backlogMax = waiting
  record.firstEventAt ??= registry.now()
  noteTaken(registry, record)
  // Full it is no more; where it has no capacity, too much may still wait.
  if (record.capacity !== undefined || waiting - count < growing) record.fullSince = undefined
}
