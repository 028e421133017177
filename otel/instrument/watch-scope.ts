import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"

/*
 * The one place that touches how Effect's scopes work inside: `state` becomes an accessor, because a
 * scope tells nobody when it closes, and a finalizer of our own would run before those added later.
 *
 * Checked against effect 4.1.0 (`internal/effect.ts`, `scopeCloseUnsafe`): closing assigns a state
 * with `_tag: "Closed"` once and on the fiber that closes, and then runs what the state before held.
 * Of finalizers that run in parallel the closing fiber's own is left out.
 */

export interface ScopeObserver {
  /** Closing has begun; no finalizer has run. */
  readonly closing: (exit: Exit.Exit<unknown, unknown>, finalizers: number) => void
  /** The finalizers have run. */
  readonly closed: () => void
}

type Finalizer = (exit: Exit.Exit<unknown, unknown>) => Effect.Effect<void>

const observers = new WeakMap<Scope.Scope, Array<ScopeObserver>>()

/** Tells the observer when a scope closes. The observer must not throw. */
export const watchScope = (scope: Scope.Scope, observer: ScopeObserver): void => {
  const { state } = scope
  if (state._tag === "Closed") {
    observer.closing(state.exit, 0)
    observer.closed()
    return
  }
  const known = observers.get(scope)
  if (known !== undefined) known.push(observer)
  else {
    const all = [observer]
    observers.set(scope, all)
    observe(scope, {
      closing: (exit, finalizers) => {
        for (const one of all) one.closing(exit, finalizers)
      },
      closed: () => {
        for (const one of all) one.closed()
      },
    })
  }
}

const observe = (scope: Scope.Scope, observer: ScopeObserver): void => {
  let { state } = scope
  Object.defineProperty(scope, "state", {
    configurable: true,
    enumerable: true,
    get: () => state,
    set: (next: Scope.Scope["state"]) => {
      const previous = state
      state = next
      if (next._tag !== "Closed" || previous._tag === "Closed") return
      observer.closing(next.exit, countFinalizers(previous))
      if (afterFinalizers(scope, previous, observer.closed) === 0) observer.closed()
    },
  })
}

const countFinalizers = (state: Scope.Scope["state"]): number => {
  if (state._tag !== "Open") return 0
  return state.finalizers?.size ?? 1
}

/** Calls `done` when the last finalizer has run; gives how many are going to run. */
const afterFinalizers = (
  scope: Scope.Scope,
  state: Scope.Scope["state"],
  done: () => void,
): number => {
  if (state._tag !== "Open") return 0
  let left = 0
  const counted = (finalizer: Finalizer): Finalizer => {
    left++
    const ran = Effect.sync(() => {
      left--
      if (left === 0) done()
    })
    return (exit) =>
      Effect.ensuring(
        Effect.suspend(() => finalizer(exit)),
        ran,
      )
  }
  if (state.finalizer !== undefined) state.finalizer = counted(state.finalizer)
  const closing = scope.strategy === "parallel" ? Fiber.getCurrent() : undefined
  for (const [key, finalizer] of state.finalizers ?? []) {
    if (key !== closing) state.finalizers?.set(key, counted(finalizer))
  }
  return left
}
