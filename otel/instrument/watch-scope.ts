/**
 * The one place that touches how Effect's scopes work inside: `state` becomes an accessor, because a
 * scope tells nobody when it closes and a finalizer runs only after those added later.
 *
 * Checked against effect 4.1.0 (`internal/effect.ts`, `scopeCloseUnsafe`): closing assigns a state
 * with `_tag: "Closed"` exactly once, before the first finalizer runs.
 */
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"

export interface ScopeObserver {
  /** Closing has begun; no finalizer has run. */
  readonly closing: (exit: Exit.Exit<unknown, unknown>, finalizers: number) => void
  /** The finalizers have run. */
  readonly closed: () => void
}

/** Tells the observer when a scope closes. The observer must not throw. */
export const watchScope = (scope: Scope.Scope, observer: ScopeObserver): Effect.Effect<void> =>
  Effect.suspend(() => {
    let state = scope.state
    Object.defineProperty(scope, "state", {
      configurable: true,
      enumerable: true,
      get: () => state,
      set: (next: Scope.Scope["state"]) => {
        const previous = state
        state = next
        if (next._tag === "Closed" && previous._tag !== "Closed") {
          observer.closing(next.exit, countFinalizers(previous) - 1)
        }
      },
    })
    return Scope.addFinalizer(scope, Effect.sync(observer.closed))
  })

const countFinalizers = (state: Scope.Scope["state"]): number => {
  if (state._tag !== "Open") return 0
  return state.finalizers?.size ?? 1
}
