import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import { farTooManyExchanges } from "../../lifetimes/rules/scope-pile-up.ts"
import type { FinalizerKind } from "../../lifetimes/terms.ts"
import type { Micros } from "../../lifetimes/time.ts"
import { kindOfFinalizer, watchFinalizers } from "../effect/finalizers.ts"
import { makeNotes } from "../effect/properties.ts"
import { parentOf } from "../effect/scopes.ts"
import { frameOf, type StackFrame } from "../effect/stack-frames.ts"
import { exchangeOf } from "./current-exchange.ts"
import type { Observes } from "./observes.ts"
import type { ExchangeRecord, FinalizerRecord, Pile, ScopeRecord } from "./record.ts"
import { RegisteredFinalizer } from "./registered-finalizer.ts"
import type { RunningFinalizers } from "./running-finalizers.ts"
import { ScopeNumbers } from "./scope-numbers.ts"
import { Visits } from "./visits.ts"

/** For one exchange, while it is open. */
const keptOfExchange = 256
/** From one place. Beyond that they are only counted. */
const keptOfPlace = 1_000
const placesKept = 1_000

/** What the registry has to do with them. */
interface FinalizerRegistry {
  readonly now: () => Micros
  readonly recordOf: (scope: Scope.Scope | undefined) => ScopeRecord | undefined
  readonly observes: Observes
  readonly finalizing: RunningFinalizers
  readonly grace: Micros
  /** Has an exchange judged again. */
  readonly later: (exchange: ExchangeRecord) => void
  readonly ended: (record: FinalizerRecord) => void
  /** A finalizer that is still there, but not kept any longer. */
  readonly letGo: (record: FinalizerRecord) => void
}

const looksInGrace = 10

/** What exchanges have registered in scopes of the program, while it is there. */
export class HeldFinalizers implements Iterable<FinalizerRecord> {
  readonly #registry: FinalizerRegistry
  readonly #held = new Set<FinalizerRecord>()
  readonly #known = makeNotes<object, { of: FinalizerRecord | Pile | undefined }>()
  readonly #piles = new Map<string, Pile>()
  readonly #watched = new WeakSet<Scope.Scope>()
  readonly #visits = new Visits()
  readonly #scopes = new ScopeNumbers()
  #countedAllAt = Number.NEGATIVE_INFINITY
  /** The finalizer that was registered last, if it is kept. */
  #latest: { readonly scope: Scope.Scope; readonly record: FinalizerRecord } | undefined

  constructor(registry: FinalizerRegistry) {
    this.#registry = registry
  }

  [Symbol.iterator](): IterableIterator<FinalizerRecord> {
    return this.#held[Symbol.iterator]()
  }

  /** Watches what exchanges register in this scope, which belongs to no exchange. */
  watch(scope: Scope.Scope): void {
    if (!this.#registry.observes.finalizers || this.#watched.has(scope)) return
    this.#watched.add(scope)
    watchFinalizers(scope, {
      registered: (key) => this.#registered(scope, key),
      removed: (key) => this.#ended(key, true),
      runs: (key) => this.#ended(key, false),
    })
  }

  /** An exchange is over. As long as nothing is held, nobody asks how many there were. */
  over({ route }: ExchangeRecord): void {
    if (this.#held.size > 0) this.#visits.add(route)
  }

  /** What has just been registered in a scope is part of another lifetime, which reports it. */
  claim(scope: Scope.Scope): void {
    const latest = this.#latest
    if (latest?.scope !== scope) return
    this.#latest = undefined
    const { finalizers } = latest.record.exchange
    if (finalizers.at(-1) !== latest.record) return
    finalizers.pop()
    this.#know(latest.record.key, undefined)
    this.#held.delete(latest.record)
  }

  /** Counts what an exchange has left behind, once it has been there for longer than the grace period. */
  count(exchange: ExchangeRecord): void {
    const { finalizers, endedAt } = exchange
    if (finalizers.length === 0 || endedAt === undefined) return
    if (this.#registry.now() - endedAt <= this.#registry.grace) return
    for (const record of finalizers) {
      if (!record.isCounted && record.endedAt === undefined) {
        this.#countIn(this.#pileOf(record), record)
      }
    }
  }

  /**
   * What stayed until its scope closed is to know of all others that are still there. They may be many, and close
   * one after the other: all are looked at a few times in a grace period.
   */
  #countAll(): void {
    const now = this.#registry.now()
    if (now < this.#countedAllAt + this.#registry.grace / looksInGrace) return
    this.#countedAllAt = now
    for (const { exchange } of this.#held) this.count(exchange)
  }

  /** What is registered under a key, as long as it is there. */
  #know(key: object, what: FinalizerRecord | Pile | undefined): void {
    const known = this.#known.of(key)
    if (known === undefined) this.#known.add(key, { of: what })
    else known.of = what
  }

  #registered(scope: Scope.Scope, key: object): void {
    this.#latest = undefined
    const fiber = Fiber.getCurrent()
    const exchange = fiber === undefined ? undefined : exchangeOf(fiber)
    if (fiber === undefined || exchange === undefined) return
    if (exchange.finalizers.length >= keptOfExchange || this.#known.of(key)?.of !== undefined)
      return
    // An exchange does not leave what cleans up after it, such as the time for which an RcMap keeps an entry.
    if (this.#registry.finalizing.closingScope !== undefined) return
    const what = kindOfFinalizer(key)
    const frame = frameOf(fiber)
    const record = new RegisteredFinalizer({
      key,
      what,
      exchange,
      heldBy: this.#recordAround(scope),
      scopeNumber: this.#scopes.of(scope),
      frame,
      number: numberOf(exchange, what, frame),
      startedAt: this.#registry.now(),
    })
    this.#know(key, record)
    this.#held.add(record)
    exchange.finalizers.push(record)
    this.#latest = { scope, record }
  }

  #ended(key: object, removed: boolean): void {
    const known = this.#known.of(key)?.of
    if (known === undefined) return
    this.#know(key, undefined)
    this.#latest = undefined
    if (known.kind === "pile") {
      known.unkept -= 1
      if (removed) this.#isRemovedFrom(known)
      return
    }
    const { exchange } = known
    if (!removed && !known.isCounted) this.#countAll()
    const { pile } = known
    known.endedAt = this.#registry.now()
    known.removed = removed
    this.#held.delete(known)
    if (pile !== undefined) {
      pile.kept -= 1
      if (removed) this.#isRemovedFrom(pile)
    }
    const exchangeEnd = exchange.endedAt
    if (exchangeEnd !== undefined && known.endedAt - exchangeEnd > this.#registry.grace) {
      this.#registry.ended(known)
    } else exchange.finalizers.splice(exchange.finalizers.lastIndexOf(known), 1)
  }

  /** What is removed at some time is no leak, and neither is anything else from that place. */
  #isRemovedFrom(pile: Pile): void {
    pile.removed = true
    this.#judgeAgain(pile)
  }

  #judgeAgain(pile: Pile): void {
    for (const exchange of pile.waiting) this.#registry.later(exchange)
    pile.waiting = []
  }

  #countIn(pile: Pile, record: FinalizerRecord): void {
    const { exchange } = record
    const isKnown = exchange.finalizers.some((other) => other.isCounted && other.pile === pile)
    record.isCounted = true
    record.pile = pile
    if (!isKnown && !pile.removed) {
      pile.exchanges += 1
      pile.visits.add(this.#visits.of(exchange.route))
      if (pile.exchanges < farTooManyExchanges) pile.waiting.push(exchange)
      else this.#judgeAgain(pile)
    }
    if (pile.kept < keptOfPlace) {
      pile.kept += 1
      return
    }
    pile.unkept += 1
    this.#held.delete(record)
    this.#know(record.key, pile)
    this.#registry.letGo(record)
  }

  /** What is in several scopes, one in each, piles up nowhere: several servers may each keep one. */
  #pileOf({ place, number, scopeNumber }: FinalizerRecord): Pile {
    const key = `${place} ${number} ${scopeNumber}`
    const known = this.#piles.get(key)
    if (known !== undefined) return known
    const pile: Pile = {
      kind: "pile",
      exchanges: 0,
      visits: new Set(),
      removed: false,
      waiting: [],
      unkept: 0,
      kept: 0,
    }
    this.#piles.set(key, pile)
    const [oldest] = this.#piles.keys()
    if (this.#piles.size > placesKept && oldest !== undefined) this.#piles.delete(oldest)
    return pile
  }

  /** For a scope that is part of another, what is known of the outer one. */
  #recordAround(scope: Scope.Scope): ScopeRecord | undefined {
    let around: Scope.Scope | undefined = scope
    while (around !== undefined && this.#registry.recordOf(around) === undefined) {
      around = parentOf(around)
    }
    return this.#registry.recordOf(around)
  }
}

/** What one function registers beyond this number is not told apart. */
const numbersKept = 8
/** For one exchange. */
const functionsKept = 64

/** Counts what a function registers for an exchange. Removing one says nothing about the others. */
const numberOf = (
  exchange: ExchangeRecord,
  what: FinalizerKind,
  frame: StackFrame | undefined,
): number => {
  const name = frame?.name
  exchange.registrations ??= []
  const known = exchange.registrations.find((it) => it.what === what && it.name === name)
  if (known !== undefined) return known.count < numbersKept ? known.count++ : known.count
  if (exchange.registrations.length < functionsKept) {
    exchange.registrations.push({ what, name, count: 1 })
  }
  return 0
}
