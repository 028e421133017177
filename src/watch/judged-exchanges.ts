import type { Match } from "../../otel/lifetimes/finding.ts"
import { JudgedRoutes } from "../../otel/lifetimes/judged-routes.ts"
import type { Exchange } from "../../otel/lifetimes/model.ts"

/** Senders choose names, so they could go on for ever. */
export const mostServices = 1_000

/**
 * What the latest run of each service has shown: which exchanges ended, and what could have been found in them.
 */
export class JudgedExchanges {
  readonly #services = new Map<string, { readonly run: number; readonly routes: JudgedRoutes }>()
  #count = 0

  /** In all runs. */
  get count(): number {
    return this.#count
  }

  /** An exchange has ended, and nothing more will be found about it. */
  add(exchange: Exchange, run: number): void {
    this.#count += 1
    const known = this.#services.get(exchange.service)
    if (known !== undefined && known.run > run) return
    if (known === undefined && this.#services.size >= mostServices) return
    const latest = known?.run === run ? known : { run, routes: new JudgedRoutes() }
    if (latest !== known) this.#services.set(exchange.service, latest)
    latest.routes.add(exchange)
  }

  /** How many exchanges of its route could have shown it in that run. */
  since({ rule, service, route }: Match, run: number): number {
    const judged = this.#services.get(service)
    if (judged?.run !== run) return 0
    const found = judged.routes.all.find((it) => it.route === route)
    if (found === undefined) return 0
    if (found.answered.has(rule)) return found.ended
    return found.answeredByStock.has(rule) ? found.stock : 0
  }
}
