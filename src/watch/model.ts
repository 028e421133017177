import { LIFETIME_KIND } from "../../otel/attributes.ts"
import { text } from "../../otel/lifetimes/attribute-reader.ts"
import type { Match } from "../../otel/lifetimes/finding.ts"
import type { JudgedExchange } from "../../otel/lifetimes/judge-trace.ts"
import type { Exchange } from "../../otel/lifetimes/model.ts"
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
import { KnownTraces } from "./known-traces.ts"
import { LostSpans } from "./lost-spans.ts"
import { missingNotes } from "./missing-notes.ts"
import { RipeningExchanges } from "./ripening-exchanges.ts"
import type { Instance, Runs } from "./runs.ts"
import { type JudgingOptions, traceAt } from "./trace-at.ts"

interface ModelOptions extends JudgingOptions {
  /** Why a finding is a known one. */
  readonly knownReason: (match: Match) => string | undefined
}

export interface TraceJudgement {
  /** When to ask again at the latest, if only time has to pass. */
  readonly again: Micros | undefined
  /** Whether something was found that has not been reported. */
  readonly isUntold: boolean
}

/** What the spans say about a program while it runs: its exchanges, the findings, what it holds, its runs. */
export class WatchModel {
  readonly runs: Runs
  readonly held = new HeldPlaces<Instance>()
  readonly kinds = new FindingKinds()
  readonly list = new ExchangeList(({ id, kinds }) => this.kinds.isExample(id, kinds))
  readonly judged = new JudgedExchanges()
  readonly #options: ModelOptions
  readonly #traces = new KnownTraces((traceId) => this.kinds.forget(traceId))
  readonly #stock = new StockExchanges()
  readonly #services = new Set<string>()
  readonly #changedDetails = new Set<ExchangeId>()
  readonly #ripening: RipeningExchanges
  readonly #lost = new LostSpans()
  #first: JudgedExchange["exchange"] | undefined
  #hasLayer = false

  constructor(options: ModelOptions) {
    this.#options = options
    this.runs = options.runs
    this.#ripening = new RipeningExchanges(options.grace)
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

  /** A program reports what it holds open. */
  looked(span: Span, now: Micros): void {
    const look = readHeldLook(span)
    const instance = this.runs.held(span.resource, look, now)
    this.#lost.told(instance, look.lost)
    if (look.isLast) this.held.gone(instance, look.at)
    else this.held.look(instance, look)
    this.#hasLayer = true
  }

  /** Returns the traces that look different now, because their program is gone or is back. */
  takeGone(now: Micros): {
    readonly gone: ReadonlyArray<Instance>
    readonly traceIds: ReadonlyArray<string>
  } {
    const gone = this.runs.takeGone(now)
    for (const instance of gone) {
      this.held.gone(instance, now)
      if (instance.hasEnded) this.#lost.ended(instance)
    }
    return { gone, traceIds: this.#traces.openOf([...gone, ...this.runs.takeBack()]) }
  }

  /** Judges a trace that changed. If it has not settled, its findings wait. */
  judge(spans: ReadonlyArray<Span>, isSettled: boolean, now: Micros): TraceJudgement {
    const [first] = spans
    if (first === undefined) return { again: undefined, isUntold: false }
    const { traceId } = first
    const trace = traceOf(spans)
    const { exchanges, program, again, pending, instanceOf } = this.#judgeAt(trace, now)
    const instances = exchanges.flatMap(({ exchange }) => instanceOf(exchange.span.spanId) ?? [])
    const listed = this.#traces.seen(traceId, exchanges, new Set(instances))
    const matches = [...exchanges.flatMap((judged) => judged.matches), ...program]
    const runOf = ({ exchange, service }: Match) =>
      instanceOf(exchange.spanId)?.run ?? this.runs.current(service)
    if (isSettled) this.kinds.judged({ traceId, matches, runOf }, now)
    if (listed.length > 0) this.#hasLayer ||= isTold(trace)
    for (const judged of listed) {
      const instance = instanceOf(judged.exchange.span.spanId)
      this.#list(judged, instance, isSettled, trace)
      const { exchange, matches } = judged
      const isPending = pending.has(exchange.span.spanId) && matches.length === 0
      if (isSettled && isPending) this.#ripening.delete(exchange)
      else if (isSettled) this.#ripen(exchange, instance?.run ?? 0, now)
    }
    for (const id of this.list.letGo()) this.#traces.letGo(id)
    const isNews =
      matches.length > 0 ||
      this.kinds.hasFound(traceId) ||
      exchanges.some(
        ({ exchange }) => exchange.endedAt !== undefined && !this.#traces.isJudged(exchange),
      )
    return { again, isUntold: !isSettled && isNews }
  }

  /** Counts the ended exchanges that have been silent for longer than the report of a leak takes. */
  countJudged(now: Micros): void {
    for (const { exchange, run } of this.#ripening.take(now)) {
      this.#traces.judged(exchange)
      this.judged.add(exchange, run)
      this.#stock.add(exchange)
    }
  }

  /** One exchange with all its details; `undefined` if its spans are not there. */
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

  /** The exchanges whose spans changed since the last call. */
  takeChangedDetails(): ReadonlyArray<ExchangeId> {
    const ids = [...this.#changedDetails]
    this.#changedDetails.clear()
    return ids
  }

  /** How many spans the programs have lost, as they tell themselves. */
  get lostSpans(): number {
    return this.#lost.count
  }

  /** What cannot be shown, in sentences. */
  notes(): ReadonlyArray<string> {
    const { lostSpans, kinds, list } = this
    return [
      ...this.#stock.note(),
      ...missingNotes({ ...list.counts, lostSpans, unlisted: kinds.unlisted }),
    ]
  }

  #judgeAt(trace: Trace, now: Micros) {
    return traceAt(trace, now, this.#options)
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
    this.#hasLayer ||= !isStock(exchange)
    this.#changedDetails.add(id)
    const told = isSettled ? judged : { exchange, matches: [] }
    const run = instance?.run ?? 0
    const lastHeardAt = instance?.isGone === true ? instance.lastHeardAt : undefined
    const row = exchangeRowOf(told, { run, lastHeardAt }, trace.get(exchange.span.spanId))
    // What was reported about it stays until it is known again.
    const kinds = isSettled ? row.kinds : (this.list.row(id)?.kinds ?? row.kinds)
    this.list.put({ ...row, kinds })
  }

  #ripen(exchange: Exchange, run: number, now: Micros): void {
    const { endedAt } = exchange
    if (endedAt === undefined || this.#traces.isJudged(exchange)) this.#ripening.delete(exchange)
    else this.#ripening.add(exchange, endedAt, run, now)
  }
}

/** Whether the trace has spans that only the Layer sends. */
const isTold = (trace: Trace): boolean => {
  for (const span of trace.values()) if (text(span, LIFETIME_KIND) !== undefined) return true
  return false
}
