import type { Exchange } from "../../otel/lifetimes/model.ts"
import type { Micros } from "../../otel/lifetimes/time.ts"
import { exchangeIdOf } from "../page/exchange-row.ts"
import type { ExchangeId } from "../page/snapshot.ts"

interface Ripening {
  readonly exchange: Exchange
  readonly run: number
  readonly at: Micros
}

/** A finding of the program takes this long to arrive. */
const tellingTakes: Micros = 500_000

/** Ended exchanges that may still turn out to have left something behind. */
export class RipeningExchanges {
  readonly #grace: Micros
  readonly #ripening = new Map<ExchangeId, Ripening>()

  /** `grace` is how long a lifetime may outlive its exchange. */
  constructor(grace: Micros) {
    this.#grace = grace
  }

  /** It waits until a report of what outlives it would have come. */
  add(exchange: Exchange, endedAt: Micros, run: number, now: Micros): void {
    const ended = Math.min(endedAt, now) // by the clock of its program, which may be ahead
    this.delete(exchange)
    const at = ended + this.#grace + tellingTakes
    this.#ripening.set(exchangeIdOf(exchange.span), { exchange, run, at })
  }

  delete({ span }: Exchange): void {
    this.#ripening.delete(exchangeIdOf(span))
  }

  /** Those about which nothing more can be found. */
  take(now: Micros): ReadonlyArray<Ripening> {
    const ripe = [...this.#ripening.values()].filter(({ at }) => at <= now)
    for (const { exchange } of ripe) this.delete(exchange)
    return ripe
  }
}
