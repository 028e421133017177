/*
 * The one place that touches how Effect works inside. Checked against effect 4.1.0; on a version that
 * is not known the automatic mode stays off (`isKnownVersion`).
 *
 * - `internal/effect.ts`, `scopeCloseUnsafe`: closing a scope assigns a state with `_tag: "Closed"` once
 *   and on the fiber that closes, and then runs what the state before held. Of finalizers that run in
 *   parallel the closing fiber's own is left out. `Scope.fork` leaves its scope as `parent` on the new one.
 * - `internal/effect.ts`, `FiberImpl`: a child has a `_parent`, and ends with it; whoever else owns or
 *   awaits a fiber (a scope through `forkIn`, a FiberSet, `Fiber.join`, `runPromise`) observes its end in
 *   `_observers`; `_interruptedCause` is set on a fiber that was interrupted, and on no other;
 *   `currentOpCount` is 1 at the primitive with which it goes on after a pause.
 * - `PubSub.ts`: shutting down and ending assign `shutdownFlag.current` and `ended.current`.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import * as Version from "effect/Version"

export type AnyFiber = Fiber.Fiber<unknown, unknown>

/** Whether what stands here was checked against this version of Effect. */
export const isKnownVersion = (version = Version.getCurrentVersion()): boolean =>
  /^4\.1\.\d/.test(version)

export const isChild = (fiber: AnyFiber): boolean => Reflect.get(fiber, "_parent") !== undefined

/** How many own a fiber, or wait for its end. */
export const observersOf = (fiber: AnyFiber): number => {
  const observers: unknown = Reflect.get(fiber, "_observers")
  return Array.isArray(observers) ? observers.length : 0
}

/** The scope from which a scope was forked: closing that closes this. */
export const parentOf = (scope: Scope.Scope): Scope.Scope | undefined => {
  const parent: unknown = Reflect.get(scope, "parent")
  return isScope(parent) ? parent : undefined
}

const isScope = (value: unknown): value is Scope.Scope =>
  typeof value === "object" && value !== null && "state" in value && "strategy" in value

/** An interrupt with which a fiber goes on. */
export interface Interruption {
  /** Whether the fiber itself was interrupted; otherwise what it waited for was taken away. */
  readonly own: boolean
  /** The fiber that interrupted, where that is known. */
  readonly by: number | undefined
}

/** The interrupt with which a fiber goes on after a pause, or that it meets where it asks for something. */
export const interruptionOf = (primitive: unknown, fiber: AnyFiber): Interruption | undefined => {
  if (primitive === Effect.interrupt) return { own: isInterrupted(fiber), by: fiber.id }
  if (fiber.currentOpCount !== 1 || !Exit.isExit(primitive) || primitive._tag === "Success") {
    return undefined
  }
  const [reason] = primitive.cause.reasons
  if (reason?._tag !== "Interrupt") return undefined
  return { own: isInterrupted(fiber), by: reason.fiberId }
}

/** With what a fiber was interrupted, if it was; a stream may make an end of that which looks planned. */
export const interruptOf = (fiber: AnyFiber): Cause.Cause<never> | undefined => {
  const cause: unknown = Reflect.get(fiber, "_interruptedCause")
  return Cause.isCause(cause)
    ? Cause.fromReasons(cause.reasons.filter(Cause.isInterruptReason))
    : undefined
}

/** Whether somebody interrupted the fiber itself. */
export const isInterrupted = (fiber: AnyFiber | undefined): boolean =>
  fiber !== undefined && Reflect.get(fiber, "_interruptedCause") !== undefined

/**
 * Tells when a property is assigned, after it was. Effect keeps what this project has to know in plain
 * mutable properties, and tells nobody when they change. The observer must not throw.
 */
export const onSet = <A extends object, K extends keyof A>(
  target: A,
  key: K,
  assigned: (value: A[K]) => void,
): void => {
  let value = target[key]
  Object.defineProperty(target, key, {
    configurable: true,
    enumerable: true,
    get: () => value,
    set: (next: A[K]) => {
      value = next
      assigned(next)
    },
  })
}

export interface ScopeObserver {
  /** Closing has begun; no finalizer has run. */
  readonly closing: (exit: Exit.Exit<unknown, unknown>, finalizers: number) => void
  /** The finalizers have run. */
  readonly closed: () => void
}

type Finalizer = (exit: Exit.Exit<unknown, unknown>) => Effect.Effect<void>

const observers = Symbol("scopeline/observers")

type Watched = Scope.Scope & { [observers]?: Array<ScopeObserver> }

/** Tells the observer when a scope closes. The observer must not throw. */
export const watchScope = (scope: Watched, observer: ScopeObserver): void => {
  const { state } = scope
  if (state._tag === "Closed") {
    observer.closing(state.exit, 0)
    observer.closed()
    return
  }
  const known = scope[observers]
  if (known !== undefined) known.push(observer)
  else {
    const all = [observer]
    scope[observers] = all
    observe(scope, all)
  }
}

const observe = (scope: Scope.Scope, all: ReadonlyArray<ScopeObserver>): void => {
  let { state } = scope
  Object.defineProperty(scope, "state", {
    configurable: true,
    enumerable: true,
    get: () => state,
    set: (next: Scope.Scope["state"]) => {
      const previous = state
      state = next
      if (next._tag !== "Closed" || previous._tag === "Closed") return
      const finalizers = countFinalizers(previous)
      for (const one of all) one.closing(next.exit, finalizers)
      const closed = () => {
        for (const one of all) one.closed()
      }
      if (!afterFinalizers(scope, previous, closed)) closed()
    },
  })
}

const countFinalizers = (state: Scope.Scope["state"]): number => {
  if (state._tag !== "Open") return 0
  return state.finalizers?.size ?? 1
}

/** Calls `done` when the last finalizer has run; gives whether any is going to run. */
const afterFinalizers = (
  scope: Scope.Scope,
  state: Scope.Scope["state"],
  done: () => void,
): boolean => {
  if (state._tag !== "Open") return false
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

/** They run at the same time, but for the closing fiber's own. */
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
