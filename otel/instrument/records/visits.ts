import type { Visited } from "./record.ts"

const routesKept = 1_000

/** How many exchanges of each route have ended. */
export class Visits {
  readonly #routes = new Map<string, Visited>()
  /** For all routes beyond those that are kept. */
  readonly #others: Visited = { count: 0 }

  add(route: string): void {
    this.of(route).count += 1
  }

  of(route: string): Visited {
    const known = this.#routes.get(route)
    if (known !== undefined) return known
    if (this.#routes.size >= routesKept) return this.#others
    const visited: Visited = { count: 0 }
    this.#routes.set(route, visited)
    return visited
  }
}
