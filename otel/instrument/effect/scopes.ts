/*
 * `internal/effect.ts`, `scopeCloseUnsafe`: closing a scope assigns a state with `_tag: "Closed"` once, on the
 * closing fiber, and then runs the finalizers of the state before. If finalizers run in parallel, the closing
 * fiber's own is left out. `scopeAddFinalizerExit`: whoever registers in a closed scope runs the finalizer with
 * the `exit` of its state. `Scope.fork` stores the given scope as `parent` on the new one.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { harmlessly } from "../harmlessly.ts"
import { sees } from "./capabilities.ts"
import { isReplaceable, onGet } from "./properties.ts"

/** Only a scope has observers. */
const observers = Symbol("scopeline/observers")

/** The scope in a context; `undefined` if the program put something there that is no scope of Effect's. */
export const scopeIn = (context: Context.Context<never>): Scope.Scope | undefined => {
  const scope: unknown = Context.getOrUndefined(context, Scope.Scope)
  return isScope(scope) ? scope : undefined
}

/** The scope that this one was forked from: when that closes, this closes. */
export const parentOf = (scope: Scope.Scope): Scope.Scope | undefined =>
  sees.parents && isScope(scope) && isScope(scope.parent) ? scope.parent : undefined

export const isClosed = (scope: Scope.Scope): boolean =>
  isScope(scope) && scope.state._tag === "Closed"

/** Whether nothing has been acquired in it yet, or everything has been released. */
export const isUnused = (scope: Scope.Scope): boolean =>
  isScope(scope) && scope.state._tag === "Empty"

export const isScope = (value: unknown): value is Scope.Scope => {
  try {
    return (
      typeof value === "object" &&
      value !== null &&
      (observers in value ||
        ("strategy" in value &&
          "state" in value &&
          typeof value.state === "object" &&
          value.state !== null &&
          "_tag" in value.state))
    )
  } catch {
    return false
  }
}

export interface ScopeObserver {
  /** The first finalizer has been registered. */
  readonly used?: () => void
  /** Closing has begun; no finalizer has run. */
  readonly closing: (exit: Exit.Exit<unknown, unknown>, finalizers: number) => void
  /** A finalizer is about to run, of those that run one after the other. */
  readonly runs?: () => void
  /** The finalizers have run. */
  readonly closed: () => void
}

type Finalizer = (exit: Exit.Exit<unknown, unknown>) => Effect.Effect<void>

const stateObservers = Symbol("scopeline/stateObservers")

/** Where an observed scope keeps its state. */
const stateNow = Symbol("scopeline/stateNow")

type StateObserver = (next: Scope.Scope["state"], previous: Scope.Scope["state"]) => void

type WatchedScope = Scope.Scope & {
  [observers]?: Array<ScopeObserver>
  [stateObservers]?: Array<StateObserver>
  [stateNow]?: Scope.Scope["state"]
}

/** Whether it can be seen when the scope closes: not if it is frozen, or not a scope of Effect's. */
export const isWatchable = (scope: WatchedScope): boolean =>
  sees.scopes &&
  isScope(scope) &&
  (scope[observers] !== undefined || isClosed(scope) || isReplaceable(scope, "state"))

/** Calls the observer when a watchable scope closes. */
export const watchScope = (scope: WatchedScope, observer: ScopeObserver): void => {
  const { state } = scope
  const known = scope[observers]
  if (state._tag === "Closed") {
    tellClosing([observer], exits.get(state) ?? state.exit, 0)
    tellClosed([observer])
  } else if (known !== undefined) known.push(observer)
  else {
    scope[observers] = [observer]
    observe(scope)
  }
}

/** The exits of closed scopes whose state reports that somebody reads the exit. */
const exits = new WeakMap<Scope.State.Closed, Exit.Exit<unknown, unknown>>()

/**
 * Calls back when something is registered in a closed scope: it is released at once, with the exit of that
 * scope.
 */
export const watchClosed = ({ state }: Scope.Scope, registered: () => void): void => {
  if (!sees.registrations || state._tag !== "Closed") return
  if (exits.has(state) || !isReplaceable(state, "exit")) return
  exits.set(state, state.exit)
  onGet(state, "exit", () => harmlessly(registered, undefined))
}

/** For most scopes only their closing matters. */
const none: ReadonlyArray<never> = []

/** Calls back with each new state of a watchable scope. */
export const watchStates = (scope: WatchedScope, assigned: StateObserver): void => {
  if (scope[observers] === undefined) watchScope(scope, { closing: () => {}, closed: () => {} })
  scope[stateObservers] ??= []
  scope[stateObservers].push(assigned)
}

/** One accessor for all scopes: a separate one would give each scope its own hidden class. */
const stateProperty: PropertyDescriptor & ThisType<WatchedScope> = {
  configurable: true,
  enumerable: true,
  get() {
    return this[stateNow]
  },
  set(next: Scope.Scope["state"]) {
    const previous = this[stateNow] ?? next
    this[stateNow] = next
    for (const observed of this[stateObservers] ?? none) {
      harmlessly(() => observed(next, previous), undefined)
    }
    assigned(this, next, previous)
  },
}

const observe = (scope: WatchedScope): void => {
  scope[stateNow] = scope.state
  Reflect.deleteProperty(scope, "state")
  Object.defineProperty(scope, "state", stateProperty)
}

const assigned = (
  scope: WatchedScope,
  next: Scope.Scope["state"],
  previous: Scope.Scope["state"],
): void => {
  const all = scope[observers] ?? none
  if (next._tag === "Open" && previous._tag === "Empty") tellUsed(all)
  if (next._tag !== "Closed" || previous._tag === "Closed") return
  const closed = () => tellClosed(all)
  tellClosing(all, next.exit, countFinalizers(previous))
  harmlessly(() => beforeFinalizers(scope, previous, all), undefined)
  if (!harmlessly(() => afterFinalizers(scope, previous, closed), false)) closed()
}

const tellUsed = (all: ReadonlyArray<ScopeObserver>): void => {
  for (const { used } of all) if (used !== undefined) harmlessly(used, undefined)
}

const tellClosing = (
  all: ReadonlyArray<ScopeObserver>,
  exit: Exit.Exit<unknown, unknown>,
  finalizers: number,
): void => {
  for (const { closing } of all) harmlessly(() => closing(exit, finalizers), undefined)
}

const tellClosed = (all: ReadonlyArray<ScopeObserver>): void => {
  for (const { closed } of all) harmlessly(closed, undefined)
}

const countFinalizers = (state: Scope.Scope["state"]): number => {
  if (!sees.finalizers || state._tag !== "Open") return 0
  return state.finalizers?.size ?? 1
}

const beforeFinalizers = (
  scope: Scope.Scope,
  state: Scope.Scope["state"],
  all: ReadonlyArray<ScopeObserver>,
): void => {
  if (scope.strategy === "parallel" || !sees.finalizers || state._tag !== "Open") return
  if (all.every(({ runs }) => runs === undefined)) return
  const tell = () => {
    for (const { runs } of all) if (runs !== undefined) harmlessly(runs, undefined)
  }
  if (state.finalizer !== undefined) state.finalizer = precededBy(tell, state.finalizer)
  for (const [key, finalizer] of state.finalizers ?? none) {
    state.finalizers?.set(key, precededBy(tell, finalizer))
  }
}

/** Calls `done` when the last finalizer has run; gives whether any is going to run. */
const afterFinalizers = (
  scope: Scope.Scope,
  state: Scope.Scope["state"],
  done: () => void,
): boolean => {
  if (!sees.finalizers || state._tag !== "Open") return false
  if (state.finalizer !== undefined) {
    state.finalizer = followedBy(state.finalizer, done)
    return true
  }
  const { finalizers } = state
  if (finalizers === undefined || finalizers.size === 0) return false
  if (scope.strategy === "parallel") return afterAll(finalizers, done)
  for (const [key, finalizer] of finalizers) {
    finalizers.set(key, followedBy(finalizer, done))
    return true // what was added first runs last
  }
  return false
}

/** They run at the same time, except the closing fiber's own. */
const afterAll = (finalizers: Map<unknown, Finalizer>, done: () => void): boolean => {
  const closing = Fiber.getCurrent()
  let left = 0
  const ran = () => {
    left--
    if (left === 0) done()
  }
  for (const [key, finalizer] of finalizers) {
    if (key === closing) continue
    left++
    finalizers.set(key, followedBy(finalizer, ran))
  }
  return left > 0
}

const precededBy =
  (runs: () => void, finalizer: Finalizer): Finalizer =>
  (exit) =>
    Effect.suspend(() => {
      runs()
      return finalizer(exit)
    })

const followedBy =
  (finalizer: Finalizer, ran: () => void): Finalizer =>
  (exit) =>
    Effect.onExitPrimitive(
      Effect.suspend(() => finalizer(exit)),
      () => {
        ran()
        return undefined
      },
    )
