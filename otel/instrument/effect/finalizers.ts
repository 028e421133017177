/*
 * `internal/effect.ts`, `scopeAddFinalizerUnsafe` and `scopeRemoveFinalizerUnsafe`: the first finalizer of a
 * scope is part of the state that is assigned then. The second assigns `finalizers` of that state, a Map, which
 * later calls change in place. All of this happens on the fiber that registers. The key says what was
 * registered: a fiber, a forked scope, or else an object without meaning.
 */
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import type { FinalizerKind } from "../../lifetimes/terms.ts"
import { harmlessly } from "../harmlessly.ts"
import { sees } from "./capabilities.ts"
import { setFunction } from "./properties.ts"
import { isScope, isWatchable, watchStates } from "./scopes.ts"

export interface FinalizerObserver {
  /** The current fiber has registered a finalizer. */
  readonly registered: (key: object) => void
  /** It was removed without having run. */
  readonly removed: (key: object) => void
  /** It runs now, because its scope closes. */
  readonly runs: (key: object) => void
}

type Finalizers = NonNullable<Scope.State.Open["finalizers"]>

export const kindOfFinalizer = (key: object): FinalizerKind => {
  if (Fiber.isFiber(key)) return "fiber"
  return isScope(key) ? "scope" : "release"
}

/** Whether neither this scope nor any scope that was forked from it has something to release. */
export const holdsNothing = (key: object): boolean => {
  if (!isScope(key) || key.state._tag === "Closed") return false
  return key.state._tag === "Empty" || (sees.finalizers && keysOf(key.state).every(holdsNothing))
}

/** Reports what is registered in a scope from now on, and what becomes of it. */
export const watchFinalizers = (scope: Scope.Scope, observer: FinalizerObserver): void => {
  if (!sees.registrations || !isWatchable(scope) || scope.state._tag === "Closed") return
  if (scope.state._tag === "Open") watchOpen(scope.state, observer)
  watchStates(scope, (next, previous) => {
    if (next._tag === "Open") {
      if (next.finalizerKey !== undefined) observer.registered(next.finalizerKey)
      watchOpen(next, observer)
    } else if (previous._tag === "Open") {
      const left = keysOf(previous)
      for (const key of left) {
        if (next._tag === "Closed") observer.runs(key)
        else observer.removed(key)
      }
    }
  })
}

const keysOf = ({ finalizerKey, finalizers }: Scope.State.Open): ReadonlyArray<object> => {
  if (finalizerKey !== undefined) return [finalizerKey]
  return finalizers === undefined ? [] : [...finalizers.keys()]
}

/** The observers of the finalizers of a state, of every installation of the library in the process. */
const finalizerObservers = Symbol.for("scopeline/finalizerObservers")

/** Where the finalizers are kept once somebody observes them. */
const finalizersNow = Symbol.for("scopeline/finalizersNow")

type WatchedState = Scope.State.Open & {
  [finalizerObservers]?: Array<(finalizers: Finalizers) => void>
  [finalizersNow]?: Finalizers | undefined
}

/**
 * One accessor for the states of all scopes. A separate accessor would give each state its own hidden class,
 * which is slow to collect.
 */
const finalizersProperty: PropertyDescriptor & ThisType<WatchedState> = {
  configurable: true,
  enumerable: true,
  get() {
    return this[finalizersNow]
  },
  set(next: Finalizers | undefined) {
    this[finalizersNow] = next
    if (next === undefined) return
    for (const observe of this[finalizerObservers] ?? []) observe(next)
  },
}

const watchOpen = (state: WatchedState, observer: FinalizerObserver): void => {
  const observe = (finalizers: Finalizers) => watchMap(finalizers, observer)
  if (state.finalizers !== undefined) observe(state.finalizers)
  else if (state[finalizerObservers] !== undefined) state[finalizerObservers].push(observe)
  else {
    state[finalizerObservers] = [observe]
    Object.defineProperty(state, "finalizers", finalizersProperty)
  }
}

/** Wraps this one Map, and no other. */
const watchMap = (finalizers: Finalizers, observer: FinalizerObserver): void => {
  const set = finalizers.set.bind(finalizers)
  const remove = finalizers.delete.bind(finalizers)
  setFunction(finalizers, "set", (key, finalizer) => {
    const isNew = !finalizers.has(key)
    set(key, finalizer)
    if (isNew) harmlessly(() => observer.registered(key), undefined)
    return finalizers
  })
  setFunction(finalizers, "delete", (key) => {
    const isThere = remove(key)
    if (isThere) harmlessly(() => observer.removed(key), undefined)
    return isThere
  })
}
