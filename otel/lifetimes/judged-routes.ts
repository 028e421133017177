import type { Exchange } from "./model.ts"
import { rules } from "./registry.ts"
import { isStock } from "./stock-exchanges.ts"

/** Senders of spans choose routes, so there could be any number. */
export const mostRoutes = 1_000

/** What was judged of the exchanges of one route. */
export interface JudgedRoute {
  readonly service: string
  readonly route: string
  readonly ended: number
  /** How many of those were recorded without the Layer. */
  readonly stock: number
  /** The rules whose silence means something. */
  readonly answered: ReadonlySet<string>
  /** The rules whose silence means something only because of exchanges without the Layer. */
  readonly answeredByStock: ReadonlySet<string>
}

interface RouteCount extends JudgedRoute {
  ended: number
  stock: number
  readonly answered: Set<string>
  readonly answeredByStock: Set<string>
}

/** Counts what was judged, by service and route. */
export class JudgedRoutes {
  readonly #routes = new Map<string, RouteCount>()

  get all(): ReadonlyArray<JudgedRoute> {
    return [...this.#routes.values()]
  }

  add(exchange: Exchange): void {
    const route = this.#routeOf(exchange)
    if (route === undefined) return
    const stock = isStock(exchange)
    if (exchange.endedAt !== undefined) {
      route.ended += 1
      if (stock) route.stock += 1
    }
    const answered = stock ? route.answeredByStock : route.answered
    for (const { name, shownBy } of rules) {
      if (!answered.has(name) && shownBy.has(exchange)) answered.add(name)
    }
  }

  #routeOf({ service, route }: Exchange): RouteCount | undefined {
    const key = JSON.stringify([service, route])
    const known = this.#routes.get(key)
    if (known !== undefined || this.#routes.size >= mostRoutes) return known
    const counted = {
      service,
      route,
      ended: 0,
      stock: 0,
      answered: new Set<string>(),
      answeredByStock: new Set<string>(),
    }
    this.#routes.set(key, counted)
    return counted
  }
}
