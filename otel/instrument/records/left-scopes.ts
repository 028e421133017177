import { tooManyExchanges } from "../../lifetimes/rules/scope-pile-up.ts"
import type { Micros } from "../../lifetimes/time.ts"
import type { ExchangeRecord, ScopePile, ScopeRecord } from "./record.ts"

const placesKept = 1_000

/** What the registry has to do with them. */
interface ScopeRegistry {
  readonly grace: Micros
  /** Has an exchange judged again. */
  readonly later: (exchange: ExchangeRecord) => void
}

/** Scopes that were opened for exchanges, and that are open although their exchanges are over. */
export class LeftScopes {
  readonly #registry: ScopeRegistry
  readonly #piles = new Map<string, ScopePile>()

  constructor(registry: ScopeRegistry) {
    this.#registry = registry
  }

  /** Counts what an exchange has left, once it has been there for longer than the grace period. */
  count(exchange: ExchangeRecord, now: Micros): void {
    const { endedAt, scopes } = exchange
    if (endedAt === undefined || now - endedAt <= this.#registry.grace) return
    for (const scope of scopes)
      if (isLeft(scope)) this.#countIn(this.#pileOf(scope), exchange, scope)
  }

  /** A left scope is closed after all: scopes from this place do close at some time. */
  closed({ pile }: ScopeRecord): void {
    if (pile === undefined || pile.isClosed) return
    pile.isClosed = true
    this.#judgeAgain(pile)
  }

  #countIn(pile: ScopePile, exchange: ExchangeRecord, scope: ScopeRecord): void {
    const isKnown = exchange.scopes.some((other) => other.pile === pile)
    scope.pile = pile
    if (isKnown) return
    pile.exchanges += 1
    this.#judgeAgain(pile)
    if (pile.exchanges < tooManyExchanges) pile.waiting.push(exchange)
    else pile.waiting = []
  }

  #judgeAgain(pile: ScopePile): void {
    for (const exchange of pile.waiting) this.#registry.later(exchange)
  }

  #pileOf({ name, code }: ScopeRecord): ScopePile {
    const place = JSON.stringify([name, code?.file, code?.line])
    const known = this.#piles.get(place)
    if (known !== undefined) return known
    const pile: ScopePile = { exchanges: 0, isClosed: false, waiting: [] }
    this.#piles.set(place, pile)
    const [oldest] = this.#piles.keys()
    if (this.#piles.size > placesKept && oldest !== undefined) this.#piles.delete(oldest)
    return pile
  }
}

const isLeft = (scope: ScopeRecord): boolean =>
  (scope.unowned || scope.openedApart) &&
  scope.pile === undefined &&
  scope.closedAt === undefined &&
  !scope.isUnused()
