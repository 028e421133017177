import type * as Scope from "effect/Scope"
import type * as Tracer from "effect/Tracer"
import type {
  ExchangeRecord,
  FinalizerRecord,
  LifetimeRecord,
  QueueRecord,
  ScopeRecord,
} from "../instrument/records/record.ts"
import type { LifetimeRegistry } from "../instrument/records/registry.ts"
import type { Observation } from "../instrument/witness.ts"
import type { CutOff } from "../lifetimes/model.ts"
import { tooManyExchanges } from "../lifetimes/rules/scope-pile-up.ts"
import type { Micros } from "../lifetimes/time.ts"

/** A finalizer is reported with the scope that holds it, and a queue holds nothing open. */
export type OpenRecord = Exclude<LifetimeRecord, FinalizerRecord | QueueRecord>

/** What has been seen of a guarded program, whichever Layers of it record lifetimes. */
export class ObservedProgram implements Observation {
  readonly registries: Array<LifetimeRegistry> = []
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

  readonly recording = (registry: LifetimeRegistry): void => {
    this.registries.push(registry)
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
    return Math.max(...this.registries.map((registry) => registry.now()))
  }

  get openExchanges(): ReadonlyArray<ExchangeRecord> {
    return this.exchanges.filter(({ endedAt }) => endedAt === undefined)
  }

  /** What exchanges have left in scopes of the program, and is still there. */
  get finalizers(): ReadonlyArray<FinalizerRecord> {
    return this.registries.flatMap((registry) => [...registry.finalizers])
  }

  /** There are so many of these that it takes time to see whether they pile up. */
  get pilingUp(): ReadonlyArray<FinalizerRecord> {
    const left = this.finalizers.filter(({ what }) => what !== "scope")
    if (left.length < tooManyExchanges) return []
    const places = [...Map.groupBy(left, ({ place }) => place).values()]
    return places.filter((alike) => alike.length >= tooManyExchanges).flat()
  }

  /** What began inside the program and has not ended, except fibers with an owner. */
  get openLifetimes(): ReadonlyArray<OpenRecord> {
    return this.registries.flatMap((registry) => {
      const outside = registry.recordOf(this.#outside)
      const scopes = [...registry.scopes].filter((scope) => scope !== outside && began(scope))
      const orphans = [...registry.orphans].filter(({ pile }) => pile === undefined)
      return [...scopes, ...registry.subscriptions, ...registry.streams, ...orphans]
    })
  }
}

/**
 * A scope that services bring from outside does not belong to the program, and an unused scope holds nothing.
 */
const began = (scope: ScopeRecord): boolean =>
  (scope.seenFromStart || scope.exchange !== undefined) && !scope.isUnused()
