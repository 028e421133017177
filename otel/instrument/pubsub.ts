import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as MutableList from "effect/MutableList"
import * as Option from "effect/Option"
import * as PubSub from "effect/PubSub"
import type * as Scope from "effect/Scope"
import { readerOn } from "./consumer.ts"
import { exchangeOf, Lifetimes, type LiveLifetimes } from "./lifetimes.ts"
import type { ConsumerRecord, PubSubRecord, ResourceRecord } from "./records.ts"
import { parentSpan } from "./scope.ts"
import { makeSpanId, makeTraceId } from "./span-id.ts"

const records = new WeakMap<object, PubSubRecord>()

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
      const lifetimes = Context.getOrUndefined(fiber.context, Lifetimes)
      if (lifetimes === undefined) return make
      return Effect.tap(make, (pubsub) =>
        Effect.sync(() => observe(lifetimes, name, pubsub.pubsub)),
      )
    })

const observe = <A>(lifetimes: LiveLifetimes, name: string, atomic: PubSub.PubSub.Atomic<A>) => {
  const bounded = atomic.capacity < Number.MAX_SAFE_INTEGER
  const capacity = bounded ? atomic.capacity : undefined
  const record: PubSubRecord = {
    name,
    id: makeSpanId(),
    capacity,
    published: 0,
    abandoned: new Set(),
  }
  records.set(atomic, record)
  const { publish, publishAll } = atomic
  const count = (published: number) => {
    record.published += published
    if (record.abandoned.size > 0) lifetimes.publishedUnread(record.abandoned)
  }
  atomic.publish = (message) => {
    const accepted = publish.call(atomic, message)
    if (accepted) count(1)
    return accepted
  }
  atomic.publishAll = (messages) => {
    const all = [...messages]
    const surplus = publishAll.call(atomic, all)
    count(all.length - surplus.length)
    return surplus
  }
}

/**
 * `PubSub.subscribe` on a traced PubSub, with the subscription's lifetime recorded: who owns it, who
 * reads it, and whether it was released under its reader.
 */
export const subscribeTraced = <A>(
  pubsub: PubSub.PubSub<A>,
): Effect.Effect<PubSub.Subscription<A>, never, Scope.Scope> =>
  Effect.flatMap(Effect.scope, (owner) =>
    Effect.withFiber((fiber) => {
      const lifetimes = Context.getOrUndefined(fiber.context, Lifetimes)
      const source = records.get(pubsub.pubsub)
      if (lifetimes === undefined || source === undefined) return PubSub.subscribe(pubsub)
      return Effect.map(PubSub.subscribe(pubsub), (subscription) => {
        watch(lifetimes, acquire(lifetimes, source, owner, fiber), owner, subscription)
        return subscription
      })
    }),
  )

const acquire = (
  lifetimes: LiveLifetimes,
  pubsub: PubSubRecord,
  owner: Scope.Scope,
  fiber: Fiber.Fiber<unknown, unknown>,
): ResourceRecord => {
  const exchange = exchangeOf(fiber)
  const ownerScope = lifetimes.recordOf(owner)
  const acquiredIn = ownerScope?.exchange === exchange ? ownerScope : exchange?.scopes[0]
  const record: ResourceRecord = {
    span: { traceId: exchange?.span.traceId ?? makeTraceId(), spanId: makeSpanId() },
    parentSpan: parentSpan(exchange, acquiredIn),
    exchange,
    name: pubsub.name,
    startedAt: lifetimes.now(),
    endedAt: undefined,
    owner: {
      name: ownerScope?.name ?? "an untraced scope",
      spanId: ownerScope?.span.spanId,
      inExchange: ownerScope !== undefined && ownerScope.exchange === exchange,
    },
    ownerScope,
    releasedBy: undefined,
    finished: false,
    delivered: 0,
    backlogMax: 0,
    capacity: pubsub.capacity,
    unreadPublishAt: undefined,
    untracedReadAt: undefined,
    pubsub,
    firstEventAt: undefined,
    readers: new Set(),
    end: undefined,
    isAwaited: () => false,
  }
  lifetimes.resources.add(record)
  exchange?.resources.push(record)
  return record
}

/**
 * Every attempt to take from a subscription asks its `shutdownFlag` first, on the fiber that takes;
 * releasing the subscription sets it. Both are observed there, because a released subscription
 * interrupts its reader without a trace (checked against effect 4.1.0, `PubSub.ts`).
 */
const watch = <A>(
  lifetimes: LiveLifetimes,
  record: ResourceRecord,
  owner: Scope.Scope,
  subscription: PubSub.Subscription<A>,
): void => {
  let released = subscription.shutdownFlag.current
  if (released) release(lifetimes, record, owner, subscription)
  record.isAwaited = () => subscription.pollers.length > 0
  Object.defineProperty(subscription.shutdownFlag, "current", {
    configurable: true,
    enumerable: true,
    get: () => {
      noteReader(lifetimes, record)
      return released
    },
    set: (value: boolean) => {
      if (value && !released) release(lifetimes, record, owner, subscription)
      released = value
    },
  })
  countDeliveries(lifetimes, record, subscription.subscription)
}

const noteReader = (lifetimes: LiveLifetimes, record: ResourceRecord): void => {
  const consumer = readerOn(Fiber.getCurrent())
  if (consumer?.exchange !== record.exchange) noteUntracedRead(lifetimes, record)
  if (consumer === undefined) return
  if (!record.readers.has(consumer) && consumer.endedAt === undefined) {
    record.readers.add(consumer)
    consumer.reads.push(record.span.spanId)
    consumer.readsFrom.push(record)
  }
  if (record.end !== undefined) refuse(lifetimes, record, consumer)
}

/** That there was one counts while the exchange runs, and when there was one after it has ended. */
const noteUntracedRead = (lifetimes: LiveLifetimes, record: ResourceRecord): void => {
  if (record.untracedReadAt !== undefined && record.exchange?.endedAt === undefined) return
  record.untracedReadAt = lifetimes.now()
}

const refuse = (lifetimes: LiveLifetimes, record: ResourceRecord, reader: ConsumerRecord): void => {
  reader.refusedBy = record
  if (record.end === "released") {
    reader.refused ??= { at: lifetimes.now(), resource: record.span.spanId }
  }
}

const release = <A>(
  lifetimes: LiveLifetimes,
  record: ResourceRecord,
  owner: Scope.Scope,
  subscription: PubSub.Subscription<A>,
): void => {
  const byOwner = owner.state._tag === "Closed"
  record.end = byOwner && !sourceEnded(subscription) ? "released" : "finished"
  record.finished = record.end === "finished"
  record.releasedBy = byOwner ? record.ownerScope?.span.spanId : undefined
  record.backlogMax = Math.max(record.backlogMax, subscription.subscription.size())
  record.endedAt = lifetimes.now()
  if (subscription.pollers.length > 0) {
    for (const reader of record.readers) refuse(lifetimes, record, reader)
  }
  lifetimes.resources.delete(record)
  lifetimes.ended(record)
}

const sourceEnded = <A>(subscription: PubSub.Subscription<A>): boolean =>
  Option.isSome(subscription.ended.current)

const countDeliveries = <A>(
  lifetimes: LiveLifetimes,
  record: ResourceRecord,
  backing: PubSub.PubSub.BackingSubscription<A>,
): void => {
  const { poll, pollUpTo } = backing
  const count = (delivered: number) => {
    record.delivered += delivered
    if (delivered > record.backlogMax) record.backlogMax = delivered
    record.firstEventAt ??= lifetimes.now()
  }
  backing.poll = () => {
    // An unbounded subscription would have to count its messages one by one.
    const waiting = record.capacity === undefined ? 0 : backing.size()
    if (waiting > record.backlogMax) record.backlogMax = waiting
    const message = poll.call(backing)
    if (message !== MutableList.Empty) count(1)
    return message
  }
  backing.pollUpTo = (limit) => {
    const messages = pollUpTo.call(backing, limit)
    if (messages.length > 0) count(messages.length)
    return messages
  }
}
