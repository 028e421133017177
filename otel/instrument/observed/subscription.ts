import * as Fiber from "effect/Fiber"
import type * as PubSub from "effect/PubSub"
import { growing } from "../../lifetimes/model.ts"
import type { AnyFiber } from "../effect/fibers.ts"
import { isClosed, scopeIn } from "../effect/scopes.ts"
import { runningFiber } from "../effect/sparse-hook.ts"
import {
  isObservable,
  isObserved,
  observeSubscription,
  SubscriptionView,
} from "../effect/subscriptions.ts"
import { couldNot } from "../harmlessly.ts"
import { exchangeServedBy } from "../records/current-exchange.ts"
import { latestRunOn, readerOn } from "../records/current-stream.ts"
import { recall } from "../records/forgetting.ts"
import type { StreamRunRecord, SubscriptionRecord } from "../records/record.ts"
import { isOfInterest } from "../records/record-span.ts"
import type { LifetimeRegistry } from "../records/registry.ts"
import { isStopping } from "../records/stopping.ts"
import { endedWell, wasServedLate } from "../records/work-done.ts"
import { AcquiredSubscription, noteTaken } from "./acquired-subscription.ts"
import { recordPubSub } from "./pubsub.ts"
import { noteSourceEnd } from "./pubsub-end.ts"
import { noteSocketReader } from "./socket-reader.ts"

/**
 * Records the lifetime of a subscription that the fiber has just acquired: who owns it, who reads it, and
 * whether it was released under its reader.
 */
export const recordSubscription = <A>(
  registry: LifetimeRegistry,
  fiber: AnyFiber,
  subscription: PubSub.Subscription<A>,
): void => {
  const owner = scopeIn(fiber.context)
  if (owner === undefined) return
  if (isObserved(subscription) || !isObservable(subscription)) return
  const pubsub = recordPubSub(registry, subscription)
  if (pubsub === undefined) return
  registry.finalizers.claim(owner)
  const view = new SubscriptionView(subscription)
  const record = new AcquiredSubscription({ registry, fiber, owner, pubsub, view })
  const { exchange } = record
  noteSourceEnd(record)
  if (exchange !== undefined && pubsub.end?.scope !== undefined) registry.name(pubsub.end.scope)
  // A subscription that nobody asks for is garbage as soon as it is garbage to the program.
  if (isOfInterest(record)) registry.subscriptions.add(record)
  pubsub.subscriptions.add(record)
  registry.layerTwins.subscribed(pubsub)
  exchange?.subscriptions.push(record)
  const latest = new KnownReader()
  const released = () => {
    release(registry, record, view)
    latest.remember(undefined, undefined)
  }
  if (view.isReleased) released()
  record.asking = observeSubscription(subscription, {
    asked: () => {
      try {
        noteReader(registry, record, latest)
      } catch (cause) {
        couldNot("record a lifetime", cause)
      }
    },
    released,
    took: (count) => {
      try {
        noteDelivery(registry, record, count)
        noteSteps(record, latest.fiber)
      } catch (cause) {
        couldNot("record a lifetime", cause)
      }
    },
  })
}

/** The last reader. It asks for each message, and asking again brings nothing new. */
class KnownReader {
  get fiber(): AnyFiber | undefined {
    return this.#fiber
  }

  #fiber: AnyFiber | undefined
  #context: AnyFiber["context"] | undefined
  #latest: StreamRunRecord | undefined
  #reader: StreamRunRecord | undefined

  isStill(fiber: AnyFiber | undefined): boolean {
    return (
      fiber !== undefined &&
      fiber === this.#fiber &&
      fiber.context === this.#context &&
      latestRunOn(fiber) === this.#latest &&
      this.#reader?.endedAt === undefined
    )
  }

  remember(fiber: AnyFiber | undefined, reader: StreamRunRecord | undefined): void {
    this.#fiber = fiber
    this.#context = fiber?.context
    this.#latest = fiber && latestRunOn(fiber)
    this.#reader = reader
  }
}

const noteReader = (
  registry: LifetimeRegistry,
  record: SubscriptionRecord,
  latest: KnownReader,
): void => {
  const fiber = runningFiber()
  const { exchange, end } = record
  if (end === undefined && exchange?.endedAt === undefined && latest.isStill(fiber)) return
  const stream = streamOf(registry, fiber, record)
  latest.remember(fiber, stream)
  if (stream?.exchange !== record.exchange) {
    noteUntracedRead(registry, record, fiber)
    record.readIn = fiber && scopeIn(fiber.context)
    record.shared ||= stream?.exchange !== undefined || isReadAfterwards(record)
  }
  if (stream === undefined) {
    if (isReadByCall(record, fiber)) record.pubsub.readByMaker = true
    noteSocketReader(registry, record, fiber)
    return
  }
  if (!record.readers.has(stream) && stream.endedAt === undefined) {
    record.readers.add(stream)
    record.reader = stream
    noteLate(record, stream)
    if (record.pubsub.madeFor === stream.exchange) record.pubsub.readByMaker = true
    stream.reads.push(record.span.spanId)
    stream.readsFrom.push(record)
    record.readByFork = fiber?.id !== stream.fiber
    if (stream.exchange !== undefined) registry.name(record)
  }
  if (record.end !== undefined) refuse(registry, record, stream)
  else if (isSettled(record, stream, fiber)) record.asking.settledOn = fiber
}

const isSettled = (
  { exchange }: SubscriptionRecord,
  stream: StreamRunRecord,
  fiber: AnyFiber | undefined,
): boolean =>
  fiber?.id === stream.fiber && stream.endedAt === undefined && exchange?.endedAt === undefined

/** The exchange is over, and what asks for the next message lives in a scope that is open: it works for others. */
const isReadAfterwards = ({ exchange, readIn }: SubscriptionRecord): boolean =>
  exchange?.completed === true && readIn !== undefined && !isClosed(readIn)

/**
 * The stream for which a fiber reads. A fork that lives in another scope works for the owner of that scope,
 * such as the pump of an upstream that several share, and not for the stream that came first. But what its
 * exchange had acquired before there was anything to share is read for that exchange.
 */
const streamOf = (
  registry: LifetimeRegistry,
  fiber: AnyFiber | undefined,
  { exchange, startedAt }: SubscriptionRecord,
): StreamRunRecord | undefined => {
  const stream = readerOn(fiber)
  if (fiber === undefined || stream === undefined || fiber.id === stream.fiber) return stream
  const livesIn = registry.recordOf(scopeIn(fiber.context))
  if (livesIn === undefined || livesIn === stream.livesIn) return stream
  const isOwn = exchange !== undefined && exchange === stream.exchange
  return isOwn && startedAt <= livesIn.startedAt ? stream : undefined
}

/** A stream that has sent something before it had anything to read. */
const noteLate = (record: SubscriptionRecord, stream: StreamRunRecord): void => {
  const { reads, firstEventAt, newestAtFirst = 0, senders, fiber } = stream
  if (reads.length > 0 || firstEventAt === undefined) return
  const by = record.acquiredOn
  const isFork = by !== fiber && senders?.has(by) !== true
  // It is not known who started a stream that began later: what other forks sent does not count as its own.
  record.beside = isFork && (by <= newestAtFirst || senders !== undefined)
  const published = record.pubsub.recent.between(firstEventAt, record.startedAt)
  record.missedBefore = Math.max(record.missedBefore, published - record.replayed)
}

/**
 * At first, only the fact of a read counts. Once the subscription is released or its exchange has ended, the
 * time of a read counts.
 */
const noteUntracedRead = (
  registry: LifetimeRegistry,
  record: SubscriptionRecord,
  fiber: AnyFiber | undefined,
): void => {
  const { exchange, end, untracedReadAt } = record
  const isFirst = untracedReadAt === undefined
  if (end !== undefined && exchange?.endedAt === undefined) {
    // Only the own fiber of a call shows whether the call goes on without it.
    if (exchange?.isCall === true && fiber?.id !== exchange.fiber) return
  } else if (!isFirst && exchange?.endedAt === undefined) return
  record.untracedReadAt = registry.now()
}

/** A call has no body. It reads what it made on its own fiber. */
const isReadByCall = (
  { exchange, pubsub }: SubscriptionRecord,
  fiber: AnyFiber | undefined,
): boolean =>
  exchange?.isCall === true && exchange === pubsub.madeFor && exchange.fiber === fiber?.id

const refuse = (
  registry: LifetimeRegistry,
  record: SubscriptionRecord,
  reader: StreamRunRecord,
): void => {
  if (isPartOf(reader, record)) return
  recall(record)
  reader.refusedBy = record
  if (record.end === "released" && !record.releasedByOther && !isStopping(reader.exchange)) {
    reader.refused ??= { at: registry.now(), subscription: record.span.spanId }
  }
}

/**
 * The run acquired it itself, in a scope that streams consist of. That scope closes when the part of the run
 * that reads it ends, whoever ends that part, and may find a fork waiting.
 */
const isPartOf = (
  { startedAt }: StreamRunRecord,
  { ownerScope, startedAt: acquiredAt }: SubscriptionRecord,
): boolean => ownerScope === undefined && acquiredAt >= startedAt

const release = <A>(
  registry: LifetimeRegistry,
  record: SubscriptionRecord,
  view: SubscriptionView<A>,
): void => {
  const byOwner = record.isOwnerClosed()
  record.asking.settledOn = undefined
  record.steps = undefined
  record.end = byOwner && !view.hasSourceEnded ? "released" : "finished"
  record.finished = record.end === "finished"
  record.releasedBy = byOwner ? record.ownerScope?.span.spanId : undefined
  record.releasedByOther = isReleasedByOther(registry, record)
  record.endedWithProgram = registry.finalizing.isProgramClosing
  record.takeStock()
  registry.layerTwins.look(record)
  record.endedAt = registry.now()
  record.stalled = registry.standstills.since(record.startedAt, record.endedAt)
  record.pubsub.subscriptions.delete(record)
  record.pubsub.servedLate ||= wasServedLate(record.pubsub.madeFor, record)
  if (view.isAwaited) {
    for (const reader of record.readers) refuse(registry, record, reader)
  }
  registry.subscriptions.delete(record)
  registry.ended(record)
}

/**
 * Whoever closes a scope of another exchange does so on purpose, such as a program that ends what is idle. A
 * consumer that leaves and takes away what all share does not do so on purpose. Work that is done ends with what it
 * gave to others.
 */
const isReleasedByOther = (registry: LifetimeRegistry, record: SubscriptionRecord): boolean => {
  const { exchange, ownerScope } = record
  if (ownerScope !== undefined && endedWell(ownerScope)) {
    return wasServedLate(ownerScope.exchange, record)
  }
  const keeper = ownerScope?.exchange ?? exchange
  const fiber = Fiber.getCurrent()
  if (keeper === undefined || fiber === undefined) return false
  if (registry.finalizing.cleaningUp !== undefined) return false
  const closer = exchangeServedBy(fiber)
  if (closer === undefined && ownerScope?.exchange === undefined) return keeper.completed
  return closer !== keeper
}

/** Where nothing can be lost, and where only the latest message counts, nobody asks for them. */
const noteSteps = (record: SubscriptionRecord, fiber: AnyFiber | undefined): void => {
  const { pubsub, capacity, reader } = record
  if (!pubsub.waitsForNobody || capacity === 1) return
  record.steps = fiber && reader?.exchange?.body?.stepsOf(fiber)
}

const noteDelivery = (
  registry: LifetimeRegistry,
  record: SubscriptionRecord,
  count: number,
): void => {
  const left = record.capacity === undefined ? record.waiting() - count : record.waiting()
  record.delivered += count
  if (left + count > record.backlogMax) record.backlogMax = left + count
  record.taken(count)
  if (record.firstEventAt !== undefined && record.fullSince === undefined) return
  record.firstEventAt ??= registry.now()
  // What was lost until now counts, also if the reader goes on with something else later.
  record.takeStock()
  noteTaken(record, registry.now())
  // It is not full any more. Without a capacity, too much may still wait.
  if (record.capacity !== undefined || left < growing) record.fullSince = undefined
}
