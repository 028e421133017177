import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { defaultGrace } from "../lifetimes/diagnose.ts"
import { isSameMatch } from "../lifetimes/finding.ts"
import { type Judgement, judge } from "../lifetimes/judge.ts"
import { fromNanos, type Micros } from "../lifetimes/time.ts"
import { layerFiberCount } from "./fiber-count.ts"
import type {
  ConsumerRecord,
  ExchangeRecord,
  LifetimeRecord,
  ResourceRecord,
  ScopeRecord,
} from "./records.ts"
import { harmless, LifetimeSink, type Sink } from "./sink.ts"

export interface LifetimesOptions {
  /** Grace period of the rules, in microseconds; 1 s by default. */
  readonly grace?: Micros
  /** Tell of exchanges that stay open, after 1 s, 10 s, 1 min and 10 min; `false` by default. */
  readonly markOpen?: boolean
}

/** When an exchange is told to be open: few markers for a long stream, the first one soon. */
const markedAfter: ReadonlyArray<Micros> = [1e6, 10e6, 60e6, 600e6]

/** What is alive now, in the order in which it came to life, and who is told of what has ended. */
export class Lifetimes extends Context.Service<Lifetimes, LiveLifetimes>()("scopeline/Lifetimes") {
  /**
   * Keeps the lifetimes of a program. They are handed to the `LifetimeSink` where there is one.
   */
  static readonly layer = (options: LifetimesOptions = {}): Layer.Layer<Lifetimes> =>
    Layer.effect(
      Lifetimes,
      Effect.gen(function* () {
        const lifetimes = new LiveLifetimes(
          yield* Clock.Clock,
          yield* LifetimeSink,
          options.grace ?? defaultGrace,
        )
        yield* Effect.forkScoped(lifetimes.superviseHeld)
        if (options.markOpen === true) yield* Effect.forkScoped(lifetimes.superviseOpen)
        yield* Effect.addFinalizer(() => Effect.sync(() => lifetimes.finish()))
        return lifetimes
      }),
    ).pipe(Layer.provideMerge(layerFiberCount))
}

/** The exchange that a fiber works for, also after that has ended; see `exchangeOf`. */
export const CurrentExchange = Context.Reference<ExchangeRecord | undefined>(
  "scopeline/CurrentExchange",
  { defaultValue: () => undefined },
)

/** The exchange to which what a fiber begins now belongs. A fork that outlives it is on its own. */
export const exchangeOf = (fiber: Fiber.Fiber<unknown, unknown>): ExchangeRecord | undefined => {
  const exchange = fiber.getRef(CurrentExchange)
  return exchange?.settled === true ? undefined : exchange
}

/** Lifetimes that an exchange keeps until it ends; more are exported as they end. */
const keptAtMost = 256

export class LiveLifetimes {
  readonly exchanges = new Set<ExchangeRecord>()
  readonly scopes = new Set<ScopeRecord>()
  readonly resources = new Set<ResourceRecord>()
  readonly consumers = new Set<ConsumerRecord>()

  #shuttingDown = false
  readonly #clock: Clock.Clock
  readonly #sink: Sink
  readonly #grace: Micros
  readonly #records = new WeakMap<Scope.Scope, ScopeRecord>()
  #told = false
  readonly #held = new Set<ExchangeRecord>()
  readonly #review = Latch.makeUnsafe(false)

  constructor(clock: Clock.Clock, sink: Sink, grace: Micros) {
    this.#clock = clock
    this.#sink = harmless(sink)
    this.#grace = grace
  }

  now(): Micros {
    return fromNanos(this.#clock.currentTimeNanosUnsafe())
  }

  recordOf(scope: Scope.Scope | undefined): ScopeRecord | undefined {
    return scope === undefined ? undefined : this.#records.get(scope)
  }

  get isShuttingDown(): boolean {
    return this.#shuttingDown
  }

  /**
   * Says that the program begins to stop: a stream that ends from now on was ended by the shutdown.
   * For programs that end their streams themselves, before their Layers close.
   */
  beginShutdown(): void {
    this.#shuttingDown = true
  }

  get service(): string {
    return this.#sink.service
  }

  remember(scope: Scope.Scope, record: ScopeRecord): void {
    this.#records.set(scope, record)
  }

  /** Judges an exchange at the moment its server span ends, so that the span can carry the finding. */
  judgeEnded(exchange: ExchangeRecord): void {
    exchange.matches = this.#judge(exchange, false).matches
  }

  /** A lifetime ended: it is exported now, or with its exchange when that settles. */
  ended(record: LifetimeRecord): void {
    const { exchange } = record
    if (exchange === undefined) {
      this.#sink.export(record)
    } else if (!exchange.settled) {
      if (countLifetimes(exchange) > keptAtMost && forget(exchange, record)) {
        this.#sink.export(record)
      }
    } else {
      this.#sink.export(record)
      this.#reviewLater(exchange)
    }
  }

  /** The request scope has closed: what has ended is exported, what is still held is watched. */
  settle(exchange: ExchangeRecord): void {
    if (exchange.settled) return
    exchange.settled = true
    const status = exchange.serverSpan?.status
    if (status?._tag === "Ended") exchange.endedAt = fromNanos(status.endTime)
    this.exchanges.delete(exchange)
    this.#judgeAgain(exchange, false)
    for (const record of lifetimesOf(exchange)) {
      if (record.endedAt !== undefined) this.#sink.export(record)
    }
    this.#reviewLater(exchange)
  }

  /** Something was published to subscriptions that nobody reads any more. */
  publishedUnread(abandoned: Set<ResourceRecord>): void {
    for (const resource of abandoned) {
      if (resource.isAwaited()) resource.untracedReadAt = this.now()
      else resource.unreadPublishAt = this.now()
    }
    abandoned.clear()
    this.#review.openUnsafe()
  }

  /** Marks what is held although its readers have ended, and judges it when it is due. */
  #reviewLater(exchange: ExchangeRecord): void {
    if (exchange.resources.length === 0) return
    for (const resource of exchange.resources) {
      if (resource.endedAt === undefined && resource.readers.size === 0) {
        resource.pubsub.abandoned.add(resource)
      } else {
        resource.pubsub.abandoned.delete(resource)
      }
    }
    this.#held.add(exchange)
    this.#judgeAgain(exchange, false)
    if (this.#held.size > 0) this.#review.openUnsafe()
  }

  #judgeAgain(exchange: ExchangeRecord, final: boolean): void {
    const { matches, pending } = this.#judge(exchange, final)
    for (const match of matches) {
      if (exchange.matches.some((known) => isSameMatch(known, match))) continue
      exchange.matches = [...exchange.matches, match]
      this.#sink.exportFinding(exchange, match, this.now())
    }
    if (!pending) this.#held.delete(exchange)
  }

  /** A rule that throws must not change the program, nor keep the exchange for ever. */
  #judge(exchange: ExchangeRecord, final: boolean): Judgement {
    try {
      return judge(exchange, { now: this.now(), grace: this.#grace, final })
    } catch (cause) {
      if (!this.#told) console.error("Scopeline could not judge an exchange; it goes on.", cause)
      this.#told = true
      return { matches: [], pending: false }
    }
  }

  /** Judges what is held again whenever a grace period is over or an event reached no reader. */
  readonly superviseHeld: Effect.Effect<never> = Effect.gen({ self: this }, function* () {
    while (true) {
      yield* this.#review.await
      this.#review.closeUnsafe()
      for (const exchange of this.#held) this.#judgeAgain(exchange, false)
      const due = this.#untilDue()
      if (due !== undefined) {
        yield* Effect.raceFirst(Effect.sleep(due), this.#review.await)
        this.#review.openUnsafe()
      }
    }
  })

  /** Tells of what stays open while it is: a span that has not ended is exported by nobody. */
  readonly superviseOpen: Effect.Effect<never> = Effect.gen({ self: this }, function* () {
    while (true) {
      yield* Effect.sleep("250 millis")
      const now = this.now()
      const due = this.#dueForMark(now)
      if (due.length > 0) this.#sink.exportOpen(due, now)
    }
  })

  #dueForMark(now: Micros): ReadonlyArray<ExchangeRecord> {
    const due: Array<ExchangeRecord> = []
    for (const exchange of this.exchanges) {
      const passed = markedAfter.filter((moment) => moment <= now - exchange.startedAt).length
      if (passed === 0) break // the rest began later
      if (passed > exchange.marked) due.push(exchange)
      exchange.marked = passed
    }
    return due
  }

  /** Milliseconds until the next grace period is over; `undefined` where all of them are. */
  #untilDue(): number | undefined {
    let due: number | undefined
    for (const { endedAt, consumers } of this.#held) {
      const ends = consumers.map((consumer) => consumer.endedAt ?? 0)
      const left = Math.max(endedAt ?? this.now(), ...ends) + this.#grace - this.now()
      if (left >= 0) due = Math.min(due ?? left, left)
    }
    return due === undefined ? undefined : due / 1000 + 1
  }

  /** The program stops: what is still open is exported as open, and judged for the last time. */
  finish(): void {
    for (const exchange of this.exchanges) this.settle(exchange)
    for (const exchange of this.#held) this.#judgeAgain(exchange, true)
    for (const open of [...this.scopes, ...this.resources, ...this.consumers]) {
      this.#sink.export(open)
    }
  }
}

const countLifetimes = ({ scopes, resources, consumers }: ExchangeRecord): number =>
  scopes.length + resources.length + consumers.length

/** Drops a nested scope that holds nothing of the exchange, which no rule can need any more. */
const forget = ({ scopes, resources }: ExchangeRecord, record: LifetimeRecord): boolean => {
  const { spanId } = record.span
  const isOwner = resources.some((it) => it.owner.spanId === spanId || it.releasedBy === spanId)
  const index = isOwner ? -1 : scopes.findIndex(({ span }) => span.spanId === spanId)
  if (index <= 0) return false // the first one is the request's own
  scopes.splice(index, 1)
  return true
}

const lifetimesOf = (exchange: ExchangeRecord): ReadonlyArray<LifetimeRecord> => [
  ...exchange.scopes,
  ...exchange.resources,
  ...exchange.consumers,
]
