/*
 * `internal/effect.ts`, `scopeAddFinalizerUnsafe` and `scopeRemoveFinalizerUnsafe`: the first finalizer of a scope
 * is in the state that is assigned then; with the second, `finalizers` of that state is assigned, a Map, which is
 * set and deleted from after that. All of it happens on the fiber that registers. What it is registered under
 * tells what it is: a fiber, a scope that was forked, or else an object of no meaning.
 */
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import type { FinalizerKind } from "../../lifetimes/terms.ts"
import { harmlessly } from "../harmlessly.ts"
import { sees } from "./capabilities.ts"
import { isScope, isWatchable, watchStates } from "./scopes.ts"

export interface FinalizerObserver {
  /** One was registered, by the current fiber. */
  readonly registered: (key: object) => void
  /** It was removed, and has not run. */
  readonly removed: (key: object) => void
  /** It runs now, because its scope closes. */
  readonly runs: (key: object) => void
}

type Finalizers = NonNullable<Scope.State.Open["finalizers"]>

export const kindOfFinalizer = (key: object): FinalizerKind => {
  if (Fiber.isFiber(key)) return "fiber"
  return isScope(key) ? "scope" : "release"
}

/** Whether it is a scope in which nothing is to be released, nor in what was forked from it. */
export const holdsNothing = (key: object): boolean => {
  if (!isScope(key) || key.state._tag === "Closed") return false
  return key.state._tag === "Empty" || (sees.finalizers && keysOf(key.state).every(holdsNothing))
}

/** Tells what is registered in a scope from now on, and what becomes of it. */
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

/** Who wants to know the finalizers of a state: of every installation of the library in the process. */
const finalizerObservers = Symbol.for("scopeline/finalizerObservers")

/** Where they stand once somebody wants to know. */
const finalizersNow = Symbol.for("scopeline/finalizersNow")

type WatchedState = Scope.State.Open & {
  [finalizerObservers]?: Array<(finalizers: Finalizers) => void>
  [finalizersNow]?: Finalizers | undefined
}

/** One accessor for the states of all scopes: with one of its own, each is of a kind of its own, and dear to collect. */
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

/** On this one Map, and on no other. */
const watchMap = (finalizers: Finalizers, observer: FinalizerObserver): void => {
  const set = finalizers.set.bind(finalizers)
  const remove = finalizers.delete.bind(finalizers)
  finalizers.set = (key, finalizer) => {
    const isNew = !finalizers.has(key)
    set(key, finalizer)
    if (isNew) harmlessly(() => observer.registered(key), undefined)
    return finalizers
  }
  finalizers.delete = (key) => {
    const isThere = remove(key)
    if (isThere) harmlessly(() => observer.removed(key), undefined)
    return isThere
  }
}
