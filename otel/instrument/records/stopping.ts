import type * as Cause from "effect/Cause"
import type { Micros } from "../../lifetimes/time.ts"
import type { ExchangeRecord } from "./record.ts"

/**
 * Whether a scope of the program that owns one of the exchange's has begun to close since the exchange
 * began: whatever ends in it from then on ends because the program, or that part of it, stops.
 */
export const isStopping = (exchange: ExchangeRecord | undefined): boolean =>
  exchange?.scopes.some(
    ({ ownedBy }) =>
      ownedBy !== undefined &&
      ownedBy.exchange === undefined &&
      ownedBy.closedAt !== undefined &&
      ownedBy.closedAt >= exchange.startedAt,
  ) === true

/** The scopes of the program that are closing now. */
export class ClosingScopes {
  readonly #watched = new WeakSet<object>()
  readonly #closing = new Map<object, { readonly at: Micros; readonly by: number | undefined }>()

  /** Whether nobody has asked that of the scope before: it is watched once. */
  isNew(scope: object): boolean {
    if (this.#watched.has(scope)) return false
    this.#watched.add(scope)
    return true
  }

  begins(scope: object, at: Micros, by: number | undefined): void {
    this.#closing.set(scope, { at, by })
  }

  ends(scope: object): void {
    this.#closing.delete(scope)
  }

  /**
   * When the program began to stop, where a request is interrupted now: the outermost of the scopes that one
   * fiber closes. That fiber itself interrupts, or has forked who does so: then the last to begin is meant.
   */
  beganFor(interrupt: Cause.Cause<never> | undefined): Micros | undefined {
    const all = [...this.#closing.values()]
    const by = (all.find((one) => isBy(interrupt, one.by)) ?? all.at(-1))?.by
    const began = all.filter((one) => one.by === by).map(({ at }) => at)
    return began.length === 0 ? undefined : Math.min(...began)
  }
}

const isBy = (interrupt: Cause.Cause<never> | undefined, fiber: number | undefined): boolean =>
  fiber !== undefined &&
  interrupt?.reasons.some((reason) => reason._tag === "Interrupt" && reason.fiberId === fiber) ===
    true
