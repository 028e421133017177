import { unnamed } from "../../attributes.ts"
import type { CodeLocation } from "../../lifetimes/model.ts"
import type { SpanReference } from "../../lifetimes/span.ts"
import type { FinalizerKind } from "../../lifetimes/terms.ts"
import type { Micros } from "../../lifetimes/time.ts"
import { definitionOf, functionOf, type StackFrame } from "../effect/stack-frames.ts"
import { frameWithin } from "./current-exchange.ts"
import type { ExchangeRecord, FinalizerRecord, Parent, Pile, ScopeRecord } from "./record.ts"
import { makeSpanId, parentSpan } from "./record-span.ts"

/**
 * Half of the requests leave nothing there: the program keeps one for each tenant, or for each of something
 * else.
 */
const isOfSome = ({ exchanges, visits }: Pile): boolean => {
  let all = 0
  for (const { count } of visits) all += count
  return all >= exchanges * 2
}

interface Registration {
  readonly key: object
  readonly what: FinalizerKind
  readonly exchange: ExchangeRecord
  readonly heldBy: ScopeRecord | undefined
  /** Tells the scope that it sits in apart from others. */
  readonly scopeNumber: number
  /** The function or the span in which it was registered. */
  readonly frame: StackFrame | undefined
  /** How many of its kind the function had registered for the exchange before. */
  readonly number: number
  readonly startedAt: Micros
}

/** A finalizer that an exchange has registered in a scope of the program. */
export class RegisteredFinalizer implements FinalizerRecord {
  readonly kind = "finalizer"
  readonly exchange: ExchangeRecord
  readonly key: object
  what: FinalizerKind
  readonly heldBy: ScopeRecord | undefined
  readonly scopeNumber: number
  readonly number: number
  startedAt: Micros
  endedAt: Micros | undefined = undefined
  removed = false
  pile: Pile | undefined = undefined
  isCounted = false
  #span: SpanReference | undefined
  #code: CodeLocation | undefined
  readonly #frame: StackFrame | undefined

  constructor({
    key,
    what,
    exchange,
    heldBy,
    scopeNumber,
    frame,
    number,
    startedAt,
  }: Registration) {
    this.exchange = exchange
    this.key = key
    this.what = what
    this.heldBy = heldBy
    this.scopeNumber = scopeNumber
    this.number = number
    this.startedAt = startedAt
    this.#frame = frameWithin(frame, exchange)
  }

  /** Made when somebody asks: most finalizers are removed before they are reported. */
  get span(): SpanReference {
    this.#span ??= { traceId: this.exchange.span.traceId, spanId: makeSpanId() }
    return this.#span
  }

  get parentSpan(): Parent | undefined {
    return parentSpan(this.exchange, undefined)
  }

  get name(): string {
    return this.#frame === undefined ? this.exchange.route : functionOf(this.#frame)
  }

  get scope(): string {
    return this.heldBy?.name ?? unnamed.scope
  }

  get left(): number {
    return this.pile === undefined || this.pile.removed || isOfSome(this.pile)
      ? 0
      : this.pile.exchanges
  }

  /** Read it only for what stays: it costs a stack trace. */
  get code(): CodeLocation | undefined {
    this.#code ??= definitionOf(this.#frame)
    return this.#code
  }

  /** Equal for what is registered at the same place. Without a file, it is a handler of the same route. */
  get place(): string {
    const { what, scope, code, exchange } = this
    return JSON.stringify([
      what,
      scope,
      code?.file === undefined ? exchange.route : code.file,
      code?.line,
      code?.function,
    ])
  }
}
