import type * as Cause from "effect/Cause"
import type { Micros } from "../../lifetimes/time.ts"
import type { ExchangeRecord } from "./record.ts"

/**
 * Whether a scope of the program that owns one of the exchange's has begun to close since the exchange began.
 * Whatever ends from then on ends because the program, or a part of it, stops.
 */
export const isStopping = (exchange: ExchangeRecord | undefined): boolean =>
  exchange?.scopes.some(
    ({ ownedBy }) =>
      ownedBy !== undefined &&
      ownedBy.exchange === undefined &&
      ownedBy.closedAt !== undefined &&
      ownedBy.closedAt >= exchange.startedAt,
  ) === true

interface Closing {
  /** When its finalizers began to run. */
  readonly since: Micros
  /** The fiber that closes it. */
  readonly by: number | undefined
  /** When the finalizer began that runs now, and the one before that. */
  now: Micros | undefined
  before: Micros | undefined
}

/** The scopes of the program that are closing now. */
export class ClosingScopes {
  readonly #watched = new WeakSet<object>()
  readonly #closing = new Map<object, Closing>()

  /** Whether this is the first question about the scope: it is watched once. */
  isNew(scope: object): boolean {
    if (this.#watched.has(scope)) return false
    this.#watched.add(scope)
    return true
  }

  get areAny(): boolean {
    return this.#closing.size > 0
  }

  begins(scope: object, by: number | undefined, since: Micros): void {
    this.#closing.set(scope, { since, by, now: undefined, before: undefined })
  }

  /** Since when the first of them closes. */
  get since(): Micros | undefined {
    for (const { since } of this.#closing.values()) return since
    return undefined
  }

  /** A finalizer begins to run. */
  runs(scope: object, at: Micros): void {
    const closing = this.#closing.get(scope)
    if (closing === undefined) return
    closing.before = closing.now
    closing.now = at
  }

  ends(scope: object): void {
    this.#closing.delete(scope)
  }

  /**
   * When a server began to wait for the requests that it interrupts now: with the finalizer before the
   * interrupting one, in the innermost scope that the interrupting fiber closes. That fiber may have forked the
   * one that interrupts: then it is the scope that began to close last. Finalizers before that waited for
   * something else.
   */
  waitBegan(interrupt: Cause.Cause<never> | undefined): Micros | undefined {
    const all = [...this.#closing.values()].filter(({ now }) => now !== undefined)
    const closing = all.findLast(({ by }) => isBy(interrupt, by)) ?? all.at(-1)
    return closing?.before ?? closing?.now
  }
}

const isBy = (interrupt: Cause.Cause<never> | undefined, fiber: number | undefined): boolean =>
  fiber !== undefined &&
  interrupt?.reasons.some((reason) => reason._tag === "Interrupt" && reason.fiberId === fiber) ===
    true
