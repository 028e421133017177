import * as Fiber from "effect/Fiber"
import { interruptOf } from "../effect/fibers.ts"
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

  /** The innermost scope whose finalizers the current fiber runs, or that interrupted it: it cleans up for that. */
  get closingScope(): ScopeRecord | undefined {
    if (this.#scopes.length === 0) return undefined
    return firstOf(closers(), (fiber) => this.closingBy(fiber))
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

  /** The innermost scope of an exchange that is closing now, whichever fiber does that. */
  closingOf(exchange: ExchangeRecord): ScopeRecord | undefined {
    return this.#scopes.findLast((scope) => scope.exchange === exchange)
  }

  /** The exchange that is over, and whose request scope the current fiber closes, or was interrupted by. */
  get cleaningUp(): ExchangeRecord | undefined {
    if (this.#scopes.length === 0) return undefined
    return firstOf(closers(), (fiber) =>
      this.#scopes.find(({ role, closedByFiber }) => role === "request" && closedByFiber === fiber),
    )?.exchange
  }
}

/** The current fiber, and those that have interrupted it. */
const closers = (): ReadonlyArray<number> => {
  const fiber = Fiber.getCurrent()
  if (fiber === undefined) return []
  const sent = interruptOf(fiber)?.reasons.flatMap((reason) =>
    reason._tag === "Interrupt" && reason.fiberId !== undefined ? [reason.fiberId] : [],
  )
  return [fiber.id, ...(sent ?? [])]
}

const firstOf = <A, B>(all: ReadonlyArray<A>, find: (one: A) => B | undefined): B | undefined => {
  for (const one of all) {
    const found = find(one)
    if (found !== undefined) return found
  }
  return undefined
}
