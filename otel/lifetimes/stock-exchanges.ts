import { counted, plural } from "./counted.ts"
import type { Exchange } from "./model.ts"
import { NameCounts } from "./name-counts.ts"

/** Counts, by service, the exchanges of which only the server span was recorded. */
export class StockExchanges {
  readonly #services = new NameCounts()

  add(exchange: Exchange): void {
    if (isStock(exchange)) this.#services.add(serviceOf(exchange))
  }

  takeBack(exchange: Exchange): void {
    if (isStock(exchange)) this.#services.takeBack(serviceOf(exchange))
  }

  /** What those exchanges cannot show, if there are any. */
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

/** If an exchange has ended, the Layer says what ended it. If it is open, its lifetimes show the Layer. */
export const isStock = (exchange: Exchange): boolean =>
  exchange.endedBy === undefined &&
  exchange.handlerReturnedAt === undefined &&
  exchange.headSentAt === undefined &&
  [exchange.scopes, exchange.subscriptions, exchange.streams, exchange.orphans].every(
    (lifetimes) => lifetimes.length === 0,
  )
