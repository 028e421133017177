import type { JudgedExchange } from "../../otel/lifetimes/judge-trace.ts"
import type { Exchange } from "../../otel/lifetimes/model.ts"
import { exchangeIdOf } from "../page/exchange-row.ts"
import type { ExchangeId } from "../page/snapshot.ts"
import type { Instance } from "./runs.ts"

/** What is kept of a trace besides its spans. */
interface KnownTrace {
  /** Exchanges that are listed. */
  readonly exchanges: Set<ExchangeId>
  /** Ended exchanges about which nothing more can be found. */
  readonly judged: Set<ExchangeId>
  /** Exchanges that are not listed any more, if there are any. */
  letGo: Set<ExchangeId> | undefined
  instances: ReadonlySet<Instance>
  hasOpen: boolean
}

const none: ReadonlySet<Instance> = new Set()

/** How many traces without an exchange are remembered, for spans that come later. */
const mostWithoutExchange = 1_000

/** The traces of which something is listed, and what is known of each. */
export class KnownTraces {
  readonly #traces = new Map<string, KnownTrace>()
  readonly #withoutExchange = new Set<string>()
  readonly #forgotten: (traceId: string) => void

  /** `forgotten` is called with each trace that is not remembered any more. */
  constructor(forgotten: (traceId: string) => void) {
    this.#forgotten = forgotten
  }

  /** Notes the exchanges that a trace has now. Returns those that are listed. */
  seen(
    traceId: string,
    exchanges: ReadonlyArray<JudgedExchange>,
    instances: ReadonlySet<Instance>,
  ): ReadonlyArray<JudgedExchange> {
    const known = this.#known(traceId, exchanges.length > 0)
    const listed = exchanges.filter((judged) => isListed(judged, known))
    for (const { exchange } of listed) known.exchanges.add(exchangeIdOf(exchange.span))
    forgetAbsent(known, exchanges)
    known.instances = instances
    known.hasOpen = exchanges.some(({ exchange }) => exchange.endedAt === undefined)
    return listed
  }

  /** Whether nothing more will be found about an exchange. */
  isJudged({ span }: Exchange): boolean {
    return this.#traces.get(span.traceId)?.judged.has(exchangeIdOf(span)) === true
  }

  judged({ span }: Exchange): void {
    this.#traces.get(span.traceId)?.judged.add(exchangeIdOf(span))
  }

  /** Traces in which something of these programs is open. */
  openOf(programs: ReadonlyArray<Instance>): ReadonlyArray<string> {
    if (programs.length === 0) return []
    return [...this.#traces].flatMap(([traceId, { hasOpen, instances }]) =>
      hasOpen && programs.some((program) => instances.has(program)) ? [traceId] : [],
    )
  }

  /** The exchange is not listed any more. */
  letGo(id: ExchangeId): void {
    const [traceId = ""] = id.split(".")
    const known = this.#traces.get(traceId)
    if (known === undefined) return
    known.exchanges.delete(id)
    known.letGo ??= new Set()
    known.letGo.add(id)
    if (known.exchanges.size === 0) this.#forget(traceId)
  }

  #known(traceId: string, hasExchanges: boolean): KnownTrace {
    const known = this.#traces.get(traceId) ?? {
      exchanges: new Set(),
      judged: new Set(),
      letGo: undefined,
      instances: none,
      hasOpen: false,
    }
    this.#traces.set(traceId, known)
    this.#withoutExchange.delete(traceId)
    if (!hasExchanges) this.#withoutExchange.add(traceId)
    const [oldest] = this.#withoutExchange
    if (this.#withoutExchange.size > mostWithoutExchange && oldest !== undefined) {
      this.#withoutExchange.delete(oldest)
      this.#forget(oldest)
    }
    return known
  }

  #forget(traceId: string): void {
    this.#traces.delete(traceId)
    this.#forgotten(traceId)
  }
}

/**
 * How many more exchanges may be known of a trace than it has, before we look for those that it has no more.
 */
const slack = 1_000

/** A trace may last as long as its program. */
const forgetAbsent = (
  { judged, letGo }: KnownTrace,
  exchanges: ReadonlyArray<JudgedExchange>,
): void => {
  if (judged.size + (letGo?.size ?? 0) <= 2 * exchanges.length + slack) return
  const present = new Set(exchanges.map(({ exchange }) => exchangeIdOf(exchange.span)))
  for (const ids of [judged, letGo]) {
    for (const id of ids ?? []) if (!present.has(id)) ids?.delete(id)
  }
}

/** A dropped exchange comes back only with a finding. */
const isListed = ({ exchange, matches }: JudgedExchange, { letGo }: KnownTrace): boolean =>
  matches.length > 0 || letGo?.has(exchangeIdOf(exchange.span)) !== true
