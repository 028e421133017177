import type * as Scope from "effect/Scope"
import type * as Tracer from "effect/Tracer"
import type { ExchangeRecord, LifetimeRecord, ScopeRecord } from "../instrument/records/record.ts"
import type { LifetimeRegistry } from "../instrument/records/registry.ts"
import type { Observation } from "../instrument/witness.ts"
import type { CutOff } from "../lifetimes/model.ts"
import type { Micros } from "../lifetimes/time.ts"

/** What has been seen of a guarded program, whichever Layers of it record lifetimes. */
export class Observed implements Observation {
  readonly lifetimes: Array<LifetimeRegistry> = []
  readonly exchanges: Array<ExchangeRecord> = []
  readonly clients: Array<Tracer.Span> = []
  cutOff: CutOff | undefined
  /** How long something may outlive what it was acquired for. */
  readonly graceMillis: number
  readonly #outside: Scope.Scope | undefined

  /** `outside` is the scope that was open around the program before it began. */
  constructor(graceMillis: number, outside: Scope.Scope | undefined) {
    this.graceMillis = graceMillis
    this.#outside = outside
  }

  readonly recording = (lifetimes: LifetimeRegistry): void => {
    this.lifetimes.push(lifetimes)
  }

  readonly begun = (exchange: ExchangeRecord): void => {
    this.exchanges.push(exchange)
  }

  readonly clientEnded = (span: Tracer.Span): void => {
    this.clients.push(span)
  }

  readonly telemetryCutOff = (cutOff: CutOff): void => {
    this.cutOff = cutOff
  }

  get now(): Micros {
    return Math.max(...this.lifetimes.map((live) => live.now()))
  }

  get openExchanges(): ReadonlyArray<ExchangeRecord> {
    return this.exchanges.filter(({ endedAt }) => endedAt === undefined)
  }

  /** What began inside of the program and has not ended, its fibers apart. */
  get openLifetimes(): ReadonlyArray<LifetimeRecord> {
    return this.lifetimes.flatMap((lifetimes) => {
      const outside = lifetimes.recordOf(this.#outside)
      const scopes = [...lifetimes.scopes].filter((scope) => scope !== outside && began(scope))
      return [...scopes, ...lifetimes.subscriptions, ...lifetimes.streams, ...lifetimes.orphans]
    })
  }
}

/** A scope that services from outside bring along is none of the program's own. */
const began = ({ seenFromStart, exchange }: ScopeRecord): boolean =>
  seenFromStart || exchange !== undefined
