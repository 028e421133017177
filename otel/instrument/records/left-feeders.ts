import type * as Fiber from "effect/Fiber"
import { tooManyFeeders } from "../../lifetimes/rules/orphan-fiber.ts"
import type { Micros } from "../../lifetimes/time.ts"
import { rootOf } from "../effect/fibers.ts"
import { exchangeServedBy } from "./current-exchange.ts"
import { type OrphanRegistry, recordOrphan } from "./orphans.ts"
import type { ExchangeRecord, FeederPile, OrphanRecord } from "./record.ts"

const placesKept = 1_000

/** What the registry has to do with them. */
interface FeederRegistry extends OrphanRegistry {
  /** Has an exchange judged again. */
  readonly later: (exchange: ExchangeRecord) => void
  /** The program stops, or a part of it. */
  readonly isStopping: boolean
  readonly grace: Micros
}

/** Fibers that something keeps, and that still feed a stream which is over. */
export class LeftFeeders {
  readonly #registry: FeederRegistry
  readonly #piles = new Map<string, FeederPile>()

  constructor(registry: FeederRegistry) {
    this.#registry = registry
  }

  /** A fiber fills a queue that only a stream of this exchange has read. Returns the record of the fiber. */
  note(exchange: ExchangeRecord, fiber: Fiber.Fiber<unknown, unknown>): OrphanRecord | undefined {
    const now = this.#registry.now()
    if (now - (exchange.endedAt ?? now) <= this.#registry.grace) return undefined
    const root = rootOf(fiber)
    const birth = exchange.detached.birthOf(root)
    // A fiber that feeds all connections belongs to none of them.
    if (birth === undefined || exchangeServedBy(root) !== exchange) return undefined
    // What a scope of the program holds is reported as a finalizer.
    if (exchange.finalizers.some(({ key }) => key === root)) return undefined
    const known = exchange.orphans.find(({ id }) => id === root.id)
    if (known !== undefined) return known
    const record = recordOrphan(this.#registry, exchange, root, birth, (ended) => {
      ended.stopped = this.#registry.isStopping
      if (!ended.stopped && ended.pile !== undefined) ended.pile.isClosed = true
    })
    record.fedUnreadAt = now
    this.#countIn(this.#pileOf(record, exchange), record, exchange)
    return record
  }

  /** Somebody reads its queue again: it may be kept for that, and so may others from the same place. */
  isReadAgain(record: OrphanRecord): void {
    if (record.pile !== undefined) record.pile.isClosed = true
    this.#registry.orphans.delete(record)
    const orphans = record.exchange?.orphans
    if (orphans?.includes(record) === true) orphans.splice(orphans.indexOf(record), 1)
  }

  #countIn(pile: FeederPile, record: OrphanRecord, exchange: ExchangeRecord): void {
    const isKnown = exchange.orphans.some((other) => other.pile === pile)
    record.pile = pile
    if (!isKnown) pile.exchanges += 1
    this.#registry.later(exchange)
    if (pile.exchanges >= tooManyFeeders && pile.first !== undefined) {
      this.#registry.later(pile.first)
    }
    pile.first = pile.exchanges < tooManyFeeders ? exchange : undefined
  }

  #pileOf({ name, code }: OrphanRecord, { route }: ExchangeRecord): FeederPile {
    const place = JSON.stringify([name, code?.file ?? route, code?.line, code?.function])
    const known = this.#piles.get(place)
    if (known !== undefined) return known
    const pile: FeederPile = { exchanges: 0, isClosed: false, first: undefined }
    this.#piles.set(place, pile)
    const [oldest] = this.#piles.keys()
    if (this.#piles.size > placesKept && oldest !== undefined) this.#piles.delete(oldest)
    return pile
  }
}
