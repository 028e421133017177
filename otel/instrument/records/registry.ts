import type * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import type { Micros } from "../../lifetimes/time.ts"
import { isOwnClock, momentsOf } from "../effect/moments.ts"
import { makeNotes } from "../effect/properties.ts"
import { Alarm } from "./alarm.ts"
import { stopWatching } from "./client-watch.ts"
import { exchangeServedBy } from "./current-exchange.ts"
import { DetachedFibers } from "./detached-fibers.ts"
import { Feeders } from "./feeders.ts"
import { forgetEnded, isForgotten, keepsTooMuch } from "./forgetting.ts"
import { HeldFinalizers } from "./held-finalizers.ts"
import { LatestPubSubs } from "./latest-pubsubs.ts"
import { LayerTwins } from "./layer-twins.ts"
import { LeftFeeders } from "./left-feeders.ts"
import { LeftScopes } from "./left-scopes.ts"
import type { Observes } from "./observes.ts"
import { OpenScopes } from "./open-scopes.ts"
import { judgeOrphans, orphansOf } from "./orphans.ts"
import type {
  ExchangeRecord,
  FinalizerRecord,
  LifetimeRecord,
  OrphanRecord,
  PubSubRecord,
  ScopeRecord,
  StreamRunRecord,
  SubscriptionRecord,
} from "./record.ts"
import { isWorthASpan, isWorthSpans } from "./record-span.ts"
import { RenewedPubSubs } from "./renewed-pubsubs.ts"
import { Review } from "./review.ts"
import { RunningFinalizers } from "./running-finalizers.ts"
import { harmless, type Sink } from "./sink.ts"
import { Standstills } from "./standstills.ts"
import { takeStock } from "./stock.ts"
import { ClosingScopes } from "./stopping.ts"

interface RegistryOptions {
  /** What is observed besides exchanges, scopes, streams and fibers. */
  readonly observes: Observes
  /** Grace period of the rules. */
  readonly grace: Micros
  /** Report what stays open while it does, and findings about it at once. */
  readonly markOpen: boolean
}

/** The registry of the Layer that a fiber runs under. */
export class Registry extends Context.Service<Registry, LifetimeRegistry>()("scopeline/Registry") {}

/** The registry of the whole process, if there is one. */
let ofProcess: LifetimeRegistry | undefined

/** Makes it the registry of whatever runs under no Layer. */
export const useForProcess = (registry: LifetimeRegistry): void => {
  ofProcess = registry
}

/** The registry for lifetimes that begin in this context; `undefined` if they are not recorded. */
export const registryIn = (context: Context.Context<never>): LifetimeRegistry | undefined =>
  Context.getOrUndefined(context, Registry) ?? ofProcess

/** The registry of open lifetimes, oldest first, and the sink that finished ones go to. */
export class LifetimeRegistry {
  readonly exchanges = new Set<ExchangeRecord>()
  readonly scopes = new OpenScopes()
  readonly subscriptions = new Set<SubscriptionRecord>()
  readonly streams = new Set<StreamRunRecord>()
  readonly orphans = new Set<OrphanRecord>()
  readonly now: () => Micros
  readonly finalizers = new HeldFinalizers(this)
  readonly feeders = new Feeders(this)
  readonly review: Review
  readonly standstills: Standstills
  readonly observes: Observes
  readonly layerTwins = new LayerTwins(this)
  readonly renewedPubSubs = new RenewedPubSubs()
  readonly leftFeeders = new LeftFeeders(this)
  readonly leftScopes = new LeftScopes(this)
  readonly closingScopes = new ClosingScopes()
  readonly finalizing = new RunningFinalizers()

  #shuttingDown = false
  #finished = false
  #hasServed = false
  readonly #sink: Sink
  readonly #records = makeNotes<Scope.Scope, { latest: ScopeRecord }>()
  readonly #pubsubs = new LatestPubSubs()
  readonly #detached = new DetachedFibers()
  readonly #roots = new DetachedFibers()

  constructor(clock: Clock.Clock, sink: Sink, options: RegistryOptions) {
    this.now = momentsOf(clock)
    this.#sink = harmless(sink)
    this.observes = options.observes
    this.standstills = new Standstills({
      now: this.now,
      grace: options.grace,
      makeAlarm: (ring) => (isOwnClock(clock) ? new Alarm(clock, ring) : undefined),
      isNeeded: () => this.exchanges.size > 0 || this.orphans.size > 0,
    })
    this.review = new Review({
      now: this.now,
      grace: options.grace,
      makeAlarm: (ring) => new Alarm(clock, ring),
      sink: this.#sink,
      tellOpen: options.markOpen,
      // A scope that is exported later may have one of them as its parent.
      shown: ({ scopes }) => this.#exportEnded(scopes),
      refresh: (exchange, now) => takeStock(this, exchange, now),
    })
  }

  recordOf(scope: Scope.Scope | undefined): ScopeRecord | undefined {
    return scope === undefined ? undefined : this.#records.of(scope)?.latest
  }

  get grace(): Micros {
    return this.review.grace
  }

  /** Something new is known about it: it is judged as soon as the current work is done. */
  later(exchange: ExchangeRecord): void {
    this.review.later(exchange)
  }

  /** There are too many finalizers to keep this one longer: it is exported as open. */
  letGo(finalizer: FinalizerRecord): void {
    if (finalizer.what !== "scope") this.#sink.export(finalizer)
  }

  get isShuttingDown(): boolean {
    return this.#shuttingDown
  }

  /** Whether the program stops, or a part of it. */
  get isStopping(): boolean {
    return this.#shuttingDown || this.closingScopes.areAny
  }

  /** Whether the program has stopped, or the part of it that is recorded here. */
  get isFinished(): boolean {
    return this.#finished
  }

  /**
   * Tells the registry that the program begins to stop: a stream that ends from now on was ended by the
   * shutdown. For programs that end their streams themselves, before their Layers close.
   */
  beginShutdown(): void {
    this.#shuttingDown = true
  }

  get service(): string {
    return this.#sink.service
  }

  get sink(): Sink {
    return this.#sink
  }

  remember(scope: Scope.Scope, record: ScopeRecord): void {
    const known = this.#records.of(scope)
    if (known === undefined) this.#records.add(scope, { latest: record })
    else known.latest = record
  }

  /** The finalizers of a scope begin to run. */
  closing(record: ScopeRecord): void {
    this.leftScopes.closed(record)
    this.finalizing.begin(record)
  }

  /** A PubSub was made: an older one of the same name is not the latest any more. */
  replace(name: string, record: PubSubRecord): void {
    for (const { sourceEnd, exchange } of this.#pubsubs.replace(name, record)?.subscriptions ??
      []) {
      if (sourceEnd !== undefined && exchange !== undefined) this.review.later(exchange)
    }
  }

  /** Whether an exchange has begun. */
  get hasServed(): boolean {
    return this.#hasServed
  }

  begun(exchange: ExchangeRecord): void {
    this.#hasServed = true
    this.exchanges.add(exchange)
    this.standstills.watch()
    this.#sink.begun(exchange)
  }

  /** The program's own fibers that have no parent and have not ended. */
  get programFibers(): DetachedFibers {
    return this.#detached
  }

  /** A fiber without a parent runs for the first time. */
  started(fiber: Fiber.Fiber<unknown, unknown>): void {
    const exchange = exchangeServedBy(fiber)
    const detached = exchange?.detached ?? this.#detached
    detached.add(fiber, this.now())
    // The fiber that started it may be about to own it.
    if (exchange?.completed === true) this.review.later(exchange)
  }

  /**
   * A fiber that no other fiber started, as with `runFork` and `runPromise`, runs for the first time. A callback
   * may have started it with the context of an exchange.
   */
  startedRoot(fiber: Fiber.Fiber<unknown, unknown>): void {
    this.#roots.add(fiber, this.now())
    if (exchangeServedBy(fiber) !== undefined) this.started(fiber)
  }

  /** The fiber runs an exchange: the server owns it. */
  served(fiber: Fiber.Fiber<unknown, unknown>): void {
    this.#detached.delete(fiber)
    this.#roots.delete(fiber)
  }

  /**
   * A span names something of the program: then that becomes a span too, and so does the scope that owns it.
   */
  name(record: SubscriptionRecord | ScopeRecord): void {
    if (record.exchange !== undefined || isWorthASpan(record)) return
    record.isNamed = true
    if (record.kind === "subscription") {
      if (record.ownerScope !== undefined) this.name(record.ownerScope)
      if (record.endedAt === undefined) this.subscriptions.add(record)
    }
    if (record.endedAt !== undefined) this.#sink.export(record)
  }

  /** A lifetime ended: it is exported now, or with its exchange when that is complete. */
  ended(record: LifetimeRecord): void {
    const { exchange } = record
    if (exchange === undefined) {
      if (isWorthASpan(record)) this.#sink.export(record)
    } else if (!exchange.completed) {
      if (keepsTooMuch(exchange)) this.#forgetEnded(exchange)
    } else {
      // The scopes above it have no spans.
      if (record.kind !== "scope" || isWorthSpans(exchange)) this.#sink.export(record)
      watchHeld(exchange)
      this.review.judgeAgain(exchange)
    }
  }

  /** A finding about something that is forgotten must not be lost. */
  #forgetEnded(exchange: ExchangeRecord): void {
    this.review.judge(exchange)
    forgetEnded(exchange, this.review.grace, (record) => this.#sink.export(record))
  }

  /** The request scope has closed: export what has ended, and watch what is still held. */
  complete(exchange: ExchangeRecord, now = this.now()): void {
    if (exchange.completed) return
    exchange.completed = true
    stopWatching(exchange, now)
    this.exchanges.delete(exchange)
    this.finalizers.over(exchange)
    for (const scope of exchange.scopes) {
      if (scope.endedAt === undefined) this.scopes.loosen(scope)
    }
    orphansOf(this, exchange, exchange.detached)
    for (const queue of exchange.queues) queue.completed()
    watchHeld(exchange)
    const pending = this.review.judge(exchange, now)
    if (pending || !this.#sink.drops(exchange)) this.exportEndedOf(exchange)
    if (!pending) this.#sink.done(exchange)
  }

  /** Exports what has ended of a complete exchange, if anybody may want to see it. */
  exportEndedOf(exchange: ExchangeRecord): void {
    if (!isWorthSpans(exchange)) return
    this.#exportEnded(exchange.scopes)
    this.#exportEnded(exchange.subscriptions)
    this.#exportEnded(exchange.queues)
    this.#exportEnded(exchange.streams)
    this.#exportEnded(exchange.orphans)
    this.#exportEnded(exchange.finalizers)
  }

  #exportEnded(records: ReadonlyArray<LifetimeRecord>): void {
    for (const record of records) {
      if (record.endedAt !== undefined && !isForgotten(record)) this.#sink.export(record)
    }
  }

  /** Something was published to subscriptions that nobody reads any more. */
  publishedUnread(abandoned: Set<SubscriptionRecord>): void {
    for (const subscription of abandoned) {
      if (subscription.isAwaited()) subscription.untracedReadAt = this.now()
      else subscription.unreadPublishAt = this.now()
      if (subscription.exchange !== undefined) this.review.later(subscription.exchange)
    }
    abandoned.clear()
  }

  /** The program stops: what is still open is exported as open, and judged for the last time. */
  finish(): void {
    this.#finished = true
    for (const exchange of this.exchanges) this.complete(exchange)
    this.review.finish()
    // If a program is cut off while it runs, we do not know what it would have ended.
    if (this.#roots.running().length === 0) {
      orphansOf(this, undefined, this.#detached, Fiber.getCurrent())
      judgeOrphans(this)
    }
    for (const open of [...this.scopes, ...this.subscriptions, ...this.streams, ...this.orphans]) {
      const { exchange } = open
      if (exchange === undefined ? isWorthASpan(open) : isWorthSpans(exchange)) {
        this.#sink.export(open)
      }
    }
    for (const finalizer of this.finalizers) {
      if (finalizer.isCounted || isWorthSpans(finalizer.exchange)) this.#sink.export(finalizer)
    }
  }
}

/** Marks what is held although its readers have ended. */
const watchHeld = (exchange: ExchangeRecord): void => {
  for (const subscription of exchange.subscriptions) {
    if (subscription.endedAt === undefined && subscription.readers.size === 0) {
      subscription.pubsub.abandoned.add(subscription)
    } else {
      subscription.pubsub.abandoned.delete(subscription)
    }
  }
}
