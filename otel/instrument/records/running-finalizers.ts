import * as Fiber from "effect/Fiber"
import { findByInterruptor, isInterrupted } from "../effect/fibers.ts"
import type { ExchangeRecord, ScopeRecord } from "./record.ts"

/** The scopes whose finalizers run now, the innermost last. */
export class RunningFinalizers {
  readonly #scopes: Array<ScopeRecord> = []

  begin(scope: ScopeRecord): void {
    this.#scopes.push(scope)
  }

  end(scope: ScopeRecord): void {
    const index = this.#scopes.lastIndexOf(scope)
    if (index >= 0) this.#scopes.splice(index, 1)
  }

  /**
   * The innermost scope whose finalizers the current fiber runs, or that interrupted it: the fiber cleans up
   * for that scope.
   */
  get closingScope(): ScopeRecord | undefined {
    if (this.#scopes.length === 0) return undefined
    return findByCloser((fiber) => this.closingBy(fiber))
  }

  /** The innermost scope whose finalizers that fiber runs. */
  closingBy(fiber: number | undefined): ScopeRecord | undefined {
    return this.#scopes.findLast(({ closedByFiber }) => closedByFiber === fiber)
  }

  /** Whether the current fiber closes a scope of the program. */
  get isProgramClosing(): boolean {
    const fiber = Fiber.getCurrent()?.id
    return this.#scopes.some(
      ({ exchange, closedByFiber }) => exchange === undefined && closedByFiber === fiber,
    )
  }

  /** The innermost scope of an exchange that is closing now, whichever fiber closes it. */
  closingOf(exchange: ExchangeRecord): ScopeRecord | undefined {
    return this.#scopes.findLast((scope) => scope.exchange === exchange)
  }

  /**
   * The exchange that ends, if the current fiber closes a scope for that reason. A call has no request scope, and
   * ends within the request of its connection.
   */
  get endingExchange(): ExchangeRecord | undefined {
    const fiber = Fiber.getCurrent()
    const over = this.cleaningUp
    if (fiber === undefined || (over === undefined && !isInterrupted(fiber))) return undefined
    return this.closingScope?.exchange ?? over
  }

  /** The exchange that is over, if the current fiber closes its request scope or was interrupted by it. */
  get cleaningUp(): ExchangeRecord | undefined {
    if (this.#scopes.length === 0) return undefined
    return findByCloser((fiber) =>
      this.#scopes.find(({ role, closedByFiber }) => role === "request" && closedByFiber === fiber),
    )?.exchange
  }
}

/** Searches by the current fiber, or else by one of the fibers that have interrupted it. */
const findByCloser = <A>(find: (fiber: number) => A | undefined): A | undefined => {
  const fiber = Fiber.getCurrent()
  return fiber && (find(fiber.id) ?? findByInterruptor(fiber, find))
}
