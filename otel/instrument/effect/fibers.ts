/*
 * `internal/effect.ts`, `FiberImpl`: a child has a `_parent` and ends with it. The parent keeps its
 * `_children`. Everyone else who owns or awaits a fiber (a scope through `forkIn`, a FiberSet, `Fiber.join`,
 * `runPromise`) observes its end in `_observers`. `_interruptedCause` is set only on a fiber that was
 * interrupted. `currentOpCount` is 1 at the primitive with which a fiber resumes after a pause, and grows by one
 * with each. `Queue.ts`: all
 * queues that are shut down end with the same exit. Waiting fibers get this exit as it is, and fibers that ask
 * later get it unobserved.
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Pull from "effect/Pull"
import * as Queue from "effect/Queue"
import type * as Tracer from "effect/Tracer"
import { harmlessly } from "../harmlessly.ts"
import { sees } from "./capabilities.ts"
import { whenUnheard } from "./fiber-collections.ts"
import { uncounted } from "./fiber-ids.ts"

export type AnyFiber = Fiber.Fiber<unknown, unknown>

export const isChild = (fiber: AnyFiber): boolean => Reflect.get(fiber, "_parent") !== undefined

/** The fiber with which a child, and its children, end. */
export const rootOf = (fiber: AnyFiber): AnyFiber => {
  const parent: unknown = Reflect.get(fiber, "_parent")
  return Fiber.isFiber(parent) ? rootOf(parent) : fiber
}

/** The fibers that end with it. */
export const childrenOf = (fiber: AnyFiber): ReadonlyArray<AnyFiber> => {
  const children: unknown = Reflect.get(fiber, "_children")
  return children instanceof Set ? [...children].filter(Fiber.isFiber) : []
}

/** How it ended; `undefined` while it runs. */
export const exitOf = (fiber: AnyFiber): Exit.Exit<unknown, unknown> | undefined =>
  fiber.pollUnsafe()

export const hasEnded = (fiber: AnyFiber): boolean => exitOf(fiber) !== undefined

/** An observer of this library owns nothing. */
const ours = new WeakSet<object>()

const observersIn = (fiber: AnyFiber): ReadonlyArray<unknown> => {
  const observers: unknown = Reflect.get(fiber, "_observers")
  return Array.isArray(observers) ? observers : []
}

/** How many own the fiber, or wait for its end. */
export const observersOf = (fiber: AnyFiber): number =>
  observersIn(fiber).filter((observer) => !isOurs(observer)).length

const isOurs = (observer: unknown): boolean => typeof observer === "function" && ours.has(observer)

const observe = (
  fiber: AnyFiber,
  ended: (exit: Exit.Exit<unknown, unknown>) => void,
): (() => void) => {
  const observer = (exit: Exit.Exit<unknown, unknown>) => harmlessly(() => ended(exit), undefined)
  ours.add(observer)
  return fiber.addObserver(observer)
}

/** Calls back when a fiber ends. */
export const onEnd = (fiber: AnyFiber, ended: () => void): void => {
  observe(fiber, ended)
}

/**
 * Calls back when a fiber is interrupted, or fails unobserved. A scope only wants to know that a fiber has
 * ended, so the observer that a scope registers takes no exit. A FiberSet, FiberMap or FiberHandle wants the exit for
 * those who join it, and there may be none. Returns a function that stops watching: a fiber
 * may run for days.
 */
export const onLost = (
  fiber: AnyFiber,
  lost: (exit: Exit.Exit<unknown, unknown>) => void,
): (() => void) => {
  let observers: ReadonlyArray<unknown> = []
  const stop = observe(fiber, (exit) => {
    // A part of a stream ends like this, such as one that `switchMap` runs.
    if (exit._tag === "Success" || Pull.isDoneCause(exit.cause)) return
    const told = observers.filter((observer) => isToldHow(observer) && !isOurs(observer)).length
    if (told === 0 || Cause.hasInterruptsOnly(exit.cause)) lost(exit)
    else if (told === 1) whenUnheard(exit, () => lost(exit))
  })
  // The fiber clears its list before it calls the observers; this is that same list.
  observers = observersIn(fiber)
  return stop
}

const isToldHow = (observer: unknown): boolean =>
  typeof observer === "function" && observer.length > 0

/** The span that a fiber is in. */
export const spanOf = (fiber: AnyFiber): Tracer.AnySpan | undefined => fiber.cache.span

/** Adds a service to the context of a fiber. Whatever the fiber forks inherits it. */
export const addToContext = <A>(fiber: AnyFiber, key: Context.Reference<A>, value: A): void => {
  if (sees.forks) fiber.setContext(Context.add(fiber.context, key, value))
}

/** A moment in the work of a fiber. */
export interface Step {
  readonly fiber: number
  readonly primitive: number
}

export const stepOf = ({ id, currentOpCount }: AnyFiber): Step => ({
  fiber: id,
  primitive: currentOpCount,
})

/** Whether the fiber has got the result of that step just now, such as in the function of `Effect.map`. */
export const hasJustDone = (fiber: AnyFiber, step: Step): boolean =>
  fiber.id === step.fiber && fiber.currentOpCount === step.primitive + 1

/** An interrupt with which a fiber resumes. */
export interface Interruption {
  /** Whether the fiber itself was interrupted. Otherwise something took away what it waited for. */
  readonly own: boolean
  /** The fiber that interrupted, if it is known. */
  readonly by: number | undefined
  /** The fiber waited for a queue that was shut down. A queue does not say who shut it down. */
  readonly isShutQueue: boolean
  /** The identity of the interrupt, no matter who passes it on; `undefined` if it has only just been made. */
  readonly reason: Cause.Interrupt | undefined
}

/** The exit of all queues that are shut down; `undefined` if they do not share one. */
export const shutQueue = harmlessly(
  () =>
    uncounted(() =>
      Effect.runSync(
        Effect.gen(function* () {
          const queue = yield* Queue.unbounded()
          yield* Queue.shutdown(queue)
          return queue.state._tag === "Done" ? queue.state.exit : undefined
        }),
      ),
    ),
  undefined,
)

/** Called before each primitive: whether the fiber may be about to meet an interrupt. */
export const mayInterrupt = (primitive: unknown, fiber: AnyFiber): boolean =>
  fiber.currentOpCount === 1 || primitive === interrupt

const { interrupt } = Effect

/** The interrupt with which a fiber resumes after a pause, or that it meets when it asks for something. */
export const interruptionOf = (primitive: unknown, fiber: AnyFiber): Interruption | undefined => {
  if (primitive === interrupt) {
    return { own: isInterrupted(fiber), by: fiber.id, isShutQueue: false, reason: undefined }
  }
  if (fiber.currentOpCount !== 1 || !Exit.isExit(primitive) || primitive._tag === "Success") {
    return undefined
  }
  const [reason] = primitive.cause.reasons
  if (reason?._tag !== "Interrupt") return undefined
  const isShutQueue = primitive === shutQueue
  return { own: isInterrupted(fiber), by: reason.fiberId, isShutQueue, reason }
}

/**
 * The cause with which a fiber was interrupted, if it was. A stream may turn it into an end that looks planned.
 */
export const interruptOf = (fiber: AnyFiber): Cause.Cause<never> | undefined => {
  const cause = interruptedCauseOf(fiber)
  return cause && Cause.fromReasons(cause.reasons.filter(Cause.isInterruptReason))
}

/** Searches the fibers that have interrupted a fiber, in their order. */
export const findByInterruptor = <A>(
  fiber: AnyFiber,
  find: (interruptor: number) => A | undefined,
): A | undefined => {
  for (const reason of interruptedCauseOf(fiber)?.reasons ?? []) {
    const found =
      reason._tag === "Interrupt" && reason.fiberId !== undefined ? find(reason.fiberId) : undefined
    if (found !== undefined) return found
  }
  return undefined
}

const interruptedCauseOf = (fiber: AnyFiber): Cause.Cause<unknown> | undefined => {
  const cause: unknown = sees.interrupts ? Reflect.get(fiber, "_interruptedCause") : undefined
  return Cause.isCause(cause) ? cause : undefined
}

/**
 * Whether somebody interrupted a fiber that ends with this exit. If the interrupt itself was not seen, the exit
 * decides.
 */
export const wasInterrupted = (
  fiber: AnyFiber | undefined,
  exit: Exit.Exit<unknown, unknown>,
): boolean =>
  sees.interrupts
    ? fiber !== undefined && isInterrupted(fiber)
    : exit._tag === "Failure" && Cause.hasInterruptsOnly(exit.cause)

export const isInterrupted = (fiber: AnyFiber): boolean =>
  Reflect.get(fiber, "_interruptedCause") !== undefined
