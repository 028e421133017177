import { LIFETIME_KIND } from "../../otel/attributes.ts"
import { text } from "../../otel/lifetimes/attribute-reader.ts"
import { counted, plural } from "../../otel/lifetimes/counted.ts"
import type { Match } from "../../otel/lifetimes/finding.ts"
import { isServerSpan } from "../../otel/lifetimes/from-spans.ts"
import { type JudgedExchange, judgeTrace } from "../../otel/lifetimes/judge-trace.ts"
import type { Exchange } from "../../otel/lifetimes/model.ts"
import { isMarker } from "../../otel/lifetimes/open-marker.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import { readHeldLook } from "../../otel/lifetimes/spans/held.ts"
import { isStock, StockExchanges } from "../../otel/lifetimes/stock-exchanges.ts"
import type { Micros } from "../../otel/lifetimes/time.ts"
import { type Trace, traceOf } from "../../otel/lifetimes/trace.ts"
import { exchangeDetailOf } from "../page/exchange-detail.ts"
import { exchangeIdOf, exchangeRowOf } from "../page/exchange-row.ts"
import type { ExchangeDetail, ExchangeId, FindingKind } from "../page/snapshot.ts"
import { ExchangeList } from "./exchange-list.ts"
import { FindingKinds } from "./finding-kinds.ts"
import { HeldPlaces } from "./held-places.ts"
import { JudgedExchanges, mostServices } from "./judged-exchanges.ts"
import type { Instance, Runs } from "./runs.ts"

interface ModelOptions {
  readonly runs: Runs
  /** How long a lifetime may outlive what it was acquired for. */
  readonly grace: Micros
  readonly streamRoutes: ReadonlyArray<string>
  /** Why a finding is a known one. */
  readonly knownReason: (match: Match) => string | undefined
}

/** What is kept of a trace beside its spans. */
interface KnownTrace {
  readonly exchanges: Set<ExchangeId>
  /** Exchanges that have ended and about which nothing more will be found. */
  readonly judged: Set<ExchangeId>
  /** Exchanges that are not listed any more. */
  readonly letGo: Set<ExchangeId>
  instances: ReadonlySet<Instance>
  hasOpen: boolean
}

export interface TraceJudgement {
  /** When to ask again at the latest, where only time has to pass. */
  readonly again: Micros | undefined
  /** Whether something was found that has not been told. */
  readonly isUntold: boolean
}

/** An exchange that has ended, and may still be found to have left something behind. */
interface Ripening {
  readonly exchange: Exchange
  readonly run: number
  readonly at: Micros
}

/** What a program has found takes so long until it is here. */
const tellingTakes: Micros = 500_000

/** Traces without an exchange that are remembered, for what comes of them later. */
const mostWithoutExchange = 1_000

/** What the spans tell of a program while it runs: its exchanges, what was found, what it holds, its runs. */
export class WatchModel {
  readonly runs: Runs
  readonly held = new HeldPlaces<Instance>()
  readonly kinds = new FindingKinds()
  readonly list = new ExchangeList(({ id, kinds }) => this.kinds.isExample(id, kinds))
  readonly judged = new JudgedExchanges()
  readonly #options: ModelOptions
  readonly #traces = new Map<string, KnownTrace>()
  readonly #withoutExchange = new Set<string>()
  readonly #stock = new StockExchanges()
  readonly #services = new Set<string>()
  readonly #changedDetails = new Set<ExchangeId>()
  readonly #ripening = new Map<ExchangeId, Ripening>()
  /** How many spans each program has lost. */
  readonly #lost = new Map<Instance, number>()
  #lostByEnded = 0
  #first: JudgedExchange["exchange"] | undefined
  #hasLayer = false

  constructor(options: ModelOptions) {
    this.#options = options
    this.runs = options.runs
  }

  /** The first exchange that came. */
  get firstExchange() {
    return this.#first
  }

  /** Whether an exchange of the service came. */
  hasServed(service: string): boolean {
    return this.#services.has(service)
  }

  /** Whether something came that only the Layer tells. */
  get hasLayer(): boolean {
    return this.#hasLayer
  }

  /** A program tells what it holds open. */
  looked(span: Span, now: Micros): void {
    const look = readHeldLook(span)
    const instance = this.runs.held(span.resource, look, now)
    this.#lost.set(instance, look.lost)
    if (look.isLast) this.held.gone(instance, look.at)
    else this.held.look(instance, look)
    this.#hasLayer = true
  }

  /** Gives the traces that look different now, because their program is gone. */
  takeGone(now: Micros): {
    readonly gone: ReadonlyArray<Instance>
    readonly traceIds: ReadonlyArray<string>
  } {
    const gone = this.runs.takeGone(now)
    for (const instance of gone) {
      this.held.gone(instance, now)
      if (!instance.hasEnded) continue
      this.#lostByEnded += this.#lost.get(instance) ?? 0
      this.#lost.delete(instance)
    }
    const traceIds = [...this.#traces].flatMap(([traceId, { hasOpen, instances }]) =>
      hasOpen && gone.some((instance) => instances.has(instance)) ? [traceId] : [],
    )
    return { gone, traceIds: gone.length === 0 ? [] : traceIds }
  }

  /** Judges a trace that changed. Where it has not settled, what is found waits. */
  judge(spans: ReadonlyArray<Span>, isSettled: boolean, now: Micros): TraceJudgement {
    const [first] = spans
    if (first === undefined) return { again: undefined, isUntold: false }
    const { traceId } = first
    const trace = traceOf(spans)
    const sight = this.#judgeAt(trace, now)
    const { exchanges, program, again, instanceOf } = sight
    const known = this.#known(traceId, exchanges.length > 0)
    const listed = exchanges.filter((judged) => isListed(judged, known))
    for (const { exchange } of listed) known.exchanges.add(exchangeIdOf(exchange.span))
    known.instances = new Set(
      exchanges.flatMap(({ exchange }) => instanceOf(exchange.span.spanId) ?? []),
    )
    known.hasOpen = exchanges.some(({ exchange }) => exchange.endedAt === undefined)
    const matches = [...exchanges.flatMap((judged) => judged.matches), ...program]
    const runOf = ({ exchange, service }: Match) =>
      instanceOf(exchange.spanId)?.run ?? this.runs.current(service)
    if (isSettled) this.kinds.judged({ traceId, matches, runOf }, now)
    for (const judged of listed) {
      const instance = instanceOf(judged.exchange.span.spanId)
      this.#list(judged, instance, isSettled, trace)
      const { exchange, matches } = judged
      const isPending = sight.pending.has(exchange.span.spanId) && matches.length === 0
      if (isSettled && !isPending) this.#ripen(exchange, instance?.run ?? 0, known, now)
      else if (isSettled) this.#ripening.delete(exchangeIdOf(exchange.span))
    }
    this.#letGo()
    const isNews =
      matches.length > 0 ||
      this.kinds.hasFound(traceId) ||
      exchanges.some(({ exchange }) => isUnjudged(exchange, known))
    return { again, isUntold: !isSettled && isNews }
  }

  /** Counts what has ended, and about which nothing came for longer than a leak takes to be told. */
  countJudged(now: Micros): void {
    for (const [id, { exchange, run, at }] of this.#ripening) {
      if (at > now) continue
      this.#ripening.delete(id)
      this.#traces.get(exchange.span.traceId)?.judged.add(id)
      this.judged.add(exchange, run)
      this.#stock.add(exchange)
    }
  }

  /** One exchange whole; `undefined` where its spans are not there. */
  detail(spans: ReadonlyArray<Span>, id: ExchangeId, now: Micros): ExchangeDetail | undefined {
    const trace = traceOf(spans)
    const { exchanges, instanceOf } = this.#judgeAt(trace, now)
    const judged = exchanges.find(({ exchange }) => exchangeIdOf(exchange.span) === id)
    if (judged === undefined) return undefined
    const instance = instanceOf(judged.exchange.span.spanId)
    return exchangeDetailOf(judged, trace, instance?.isGone === true ? instance.lastHeardAt : now)
  }

  /** The exchange of a trace that is worth looking at: the first one with a finding, else the latest. */
  exchangeOf(spans: ReadonlyArray<Span>, now: Micros): ExchangeId | undefined {
    const { exchanges } = this.#judgeAt(traceOf(spans), now)
    const chosen = exchanges.find(({ matches }) => matches.length > 0) ?? exchanges.at(-1)
    return chosen === undefined ? undefined : exchangeIdOf(chosen.exchange.span)
  }

  /** Errors first, then the latest. */
  findings(): ReadonlyArray<FindingKind> {
    return this.kinds.all((match) => {
      const run = this.runs.current(match.service)
      return { run, exchanges: this.judged.since(match, run) }
    }, this.#options.knownReason)
  }

  /** The exchanges whose spans changed since this was asked last. */
  takeChangedDetails(): ReadonlyArray<ExchangeId> {
    const ids = [...this.#changedDetails]
    this.#changedDetails.clear()
    return ids
  }

  /** How many spans the programs have lost, as they tell themselves. */
  get lostSpans(): number {
    let lost = this.#lostByEnded
    for (const count of this.#lost.values()) lost += count
    return lost
  }

  /** What cannot be shown, in sentences. */
  notes(): ReadonlyArray<string> {
    const { letGo, foundLetGo, openLetGo } = this.list.counts
    return [
      ...this.#stock.note(),
      ...(this.lostSpans === 0
        ? []
        : [
            `The program lost ${counted(this.lostSpans, "span")}: what they would have told is missing here.`,
          ]),
      ...(letGo === 0
        ? []
        : [
            `${counted(letGo - foundLetGo, "ended exchange")} without a finding ` +
              `${plural(letGo - foundLetGo, "is", "are")} not listed any more.`,
          ]),
      ...(foundLetGo === 0
        ? []
        : [
            `Of exchanges with a finding, ${foundLetGo} are not listed: five examples of each kind are.`,
          ]),
      ...(openLetGo === 0
        ? []
        : [`${openLetGo} open exchanges are not listed: too many were open.`]),
      ...(this.kinds.unlisted === 0
        ? []
        : [
            `${this.kinds.unlisted} findings are of kinds that are not listed: there are too many.`,
          ]),
    ]
  }

  /** What was open when its program was heard of for the last time is judged as it was then. */
  #judgeAt(trace: Trace, now: Micros) {
    const instances = new Map<string, Instance>()
    for (const span of trace.values()) {
      const instance = this.runs.of(span.resource)
      if (instance === undefined) continue
      if (isServerSpan(span)) instances.set(span.spanId, instance)
      else if (isMarker(span) && !instances.has(span.parentSpanId)) {
        instances.set(span.parentSpanId, instance)
      }
    }
    const gone = [...instances.values()].filter(({ isGone }) => isGone)
    const at = Math.min(now, ...gone.map(({ lastHeardAt }) => lastHeardAt))
    const { grace, streamRoutes } = this.#options
    const judged = judgeTrace(trace, { now: at, grace, final: false }, streamRoutes)
    const again = judged.again === undefined || at < now ? undefined : judged.again
    return { ...judged, again, instanceOf: (spanId: string) => instances.get(spanId) }
  }

  #list(
    judged: JudgedExchange,
    instance: Instance | undefined,
    isSettled: boolean,
    trace: Trace,
  ): void {
    const { exchange } = judged
    const id = exchangeIdOf(exchange.span)
    this.#first ??= exchange
    if (this.#services.size < mostServices) this.#services.add(exchange.service)
    this.#hasLayer ||= !isStock(exchange) || isTold(trace)
    this.#changedDetails.add(id)
    const told = isSettled ? judged : { exchange, matches: [] }
    const run = instance?.run ?? 0
    const lastHeardAt = instance?.isGone === true ? instance.lastHeardAt : undefined
    const row = exchangeRowOf(told, { run, lastHeardAt }, trace.get(exchange.span.spanId))
    // What was told of it stays until it is known again.
    const kinds = isSettled ? row.kinds : (this.list.row(id)?.kinds ?? row.kinds)
    this.list.put({ ...row, kinds })
  }

  /** Waits until what outlives the exchange would have been told. */
  #ripen(exchange: Exchange, run: number, known: KnownTrace, now: Micros): void {
    const id = exchangeIdOf(exchange.span)
    const { endedAt } = exchange
    this.#ripening.delete(id)
    if (endedAt === undefined || known.judged.has(id)) return
    const ended = Math.min(endedAt, now) // by the clock of its program, which may be ahead
    this.#ripening.set(id, { exchange, run, at: ended + this.#options.grace + tellingTakes })
  }

  #known(traceId: string, hasExchanges: boolean): KnownTrace {
    const known = this.#traces.get(traceId) ?? {
      exchanges: new Set(),
      judged: new Set(),
      letGo: new Set(),
      instances: new Set(),
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

  #letGo(): void {
    for (const id of this.list.letGo()) {
      const [traceId = ""] = id.split(".")
      const known = this.#traces.get(traceId)
      known?.exchanges.delete(id)
      known?.letGo.add(id)
      if (known?.exchanges.size === 0) this.#forget(traceId)
    }
  }

  #forget(traceId: string): void {
    this.#traces.delete(traceId)
    this.kinds.forget(traceId)
  }
}

/** What was let go comes back only with a finding. */
const isListed = ({ exchange, matches }: JudgedExchange, { letGo }: KnownTrace): boolean =>
  matches.length > 0 || !letGo.has(exchangeIdOf(exchange.span))

const isUnjudged = ({ span, endedAt }: Exchange, { judged }: KnownTrace): boolean =>
  endedAt !== undefined && !judged.has(exchangeIdOf(span))

/** Whether the trace has spans that only the Layer sends. */
const isTold = (trace: Trace): boolean => {
  for (const span of trace.values()) if (text(span, LIFETIME_KIND) !== undefined) return true
  return false
}
