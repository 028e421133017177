import { counted, plural } from "./counted.ts"
import type { Exchange } from "./model.ts"
import { NameCounts } from "./name-counts.ts"

/** Counts the exchanges of which nothing but the server span was recorded, by service. */
export class StockExchanges {
  readonly #services = new NameCounts()

  add(exchange: Exchange): void {
    if (isStock(exchange)) this.#services.add(serviceOf(exchange))
  }

  takeBack(exchange: Exchange): void {
    if (isStock(exchange)) this.#services.takeBack(serviceOf(exchange))
  }

  /** What they cannot show, where there are any. */
  note(): ReadonlyArray<string> {
    const { total, only } = this.#services
    if (total === 0) return []
    return [
      `${counted(total, "exchange")} of ${only ?? this.#services.text()} ` +
        `${plural(total, "was", "were")} ` +
        "recorded without Scopeline's Layer: a stream that was cut off silently cannot be told " +
        "from one that ended. Start the program with node --import scopeline/register to record them.",
    ]
  }
}

const serviceOf = ({ service }: Exchange): string => service || "a service without a name"

/** Of all that ended, the Layer says what ended it, and of the others what lives in them. */
export const isStock = (exchange: Exchange): boolean =>
  exchange.endedBy === undefined &&
  exchange.handlerReturnedAt === undefined &&
  exchange.headSentAt === undefined &&
  [exchange.scopes, exchange.subscriptions, exchange.streams, exchange.orphans].every(
    (lifetimes) => lifetimes.length === 0,
  )
