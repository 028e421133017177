/*
 * `internal/effect.ts`, `FiberImpl`: a child has a `_parent`, and ends with it, which keeps its `_children`; whoever else owns or awaits a
 * fiber (a scope through `forkIn`, a FiberSet, `Fiber.join`, `runPromise`) observes its end in `_observers`;
 * `_interruptedCause` is set on a fiber that was interrupted, and on no other; `currentOpCount` is 1 at the
 * primitive with which it goes on after a pause. `Queue.ts`: all queues that are shut down end with one exit,
 * which is given to those who wait as it is, and to who asks afterwards without being seen.
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
import { uncounted } from "./fiber-ids.ts"

export type AnyFiber = Fiber.Fiber<unknown, unknown>

export const isChild = (fiber: AnyFiber): boolean => Reflect.get(fiber, "_parent") !== undefined

/** Of a child, and its children, the fiber with which all of them end. */
export const rootOf = (fiber: AnyFiber): AnyFiber => {
  const parent: unknown = Reflect.get(fiber, "_parent")
  return Fiber.isFiber(parent) ? rootOf(parent) : fiber
}

/** Those that end with it. */
export const childrenOf = (fiber: AnyFiber): ReadonlyArray<AnyFiber> => {
  const children: unknown = Reflect.get(fiber, "_children")
  return children instanceof Set ? [...children].filter(Fiber.isFiber) : []
}

/** How it ended; `undefined` while it runs. */
export const exitOf = (fiber: AnyFiber): Exit.Exit<unknown, unknown> | undefined =>
  fiber.pollUnsafe()

export const hasEnded = (fiber: AnyFiber): boolean => exitOf(fiber) !== undefined

/** Our own observers own nothing. */
const ours = new WeakSet<object>()

const observersIn = (fiber: AnyFiber): ReadonlyArray<unknown> => {
  const observers: unknown = Reflect.get(fiber, "_observers")
  return Array.isArray(observers) ? observers : []
}

/** How many own a fiber, or wait for its end. */
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

/** Tells when a fiber ends. */
export const onEnd = (fiber: AnyFiber, ended: () => void): void => {
  observe(fiber, ended)
}

/**
 * Tells when a fiber is interrupted, or fails and nobody is told of that: a scope only wants to know that a fiber
 * has ended, so what it registers takes no exit. Gives what ends that: a fiber may run for days.
 */
export const onLost = (
  fiber: AnyFiber,
  lost: (exit: Exit.Exit<unknown, unknown>) => void,
): (() => void) => {
  let observers: ReadonlyArray<unknown> = []
  const stop = observe(fiber, (exit) => {
    // Part of a stream comes to its end so, as one that `switchMap` runs.
    if (exit._tag === "Success" || Pull.isDoneCause(exit.cause)) return
    const isTold = observers.some((observer) => isToldHow(observer) && !isOurs(observer))
    if (!isTold || Cause.hasInterruptsOnly(exit.cause)) lost(exit)
  })
  // The fiber forgets them before it tells them; this is their list itself.
  observers = observersIn(fiber)
  return stop
}

const isToldHow = (observer: unknown): boolean =>
  typeof observer === "function" && observer.length > 0

/** The span that a fiber is in. */
export const spanOf = (fiber: AnyFiber): Tracer.AnySpan | undefined => fiber.cache.span

/** Puts something into the context of a fiber, from where whatever it forks inherits it. */
export const addToContext = <A>(fiber: AnyFiber, key: Context.Reference<A>, value: A): void => {
  if (sees.forks) fiber.setContext(Context.add(fiber.context, key, value))
}

/** An interrupt with which a fiber goes on. */
export interface Interruption {
  /** Whether the fiber itself was interrupted; otherwise what it waited for was taken away. */
  readonly own: boolean
  /** The fiber that interrupted, where that is known. */
  readonly by: number | undefined
  /** It waited for a queue, and that was shut down: a queue does not say by whom. */
  readonly isShutQueue: boolean
  /** Its identity, no matter who passes it on; `undefined` if it has only just been made. */
  readonly reason: Cause.Interrupt | undefined
}

/** With what queues end that are shut down; undefined where that is not the same for all of them. */
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

/** Asked before each primitive: whether it may be an interrupt that the fiber meets. */
export const mayInterrupt = (primitive: unknown, fiber: AnyFiber): boolean =>
  fiber.currentOpCount === 1 || primitive === interrupt

const { interrupt } = Effect

/** The interrupt with which a fiber goes on after a pause, or that it meets where it asks for something. */
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

/** With what a fiber was interrupted, if it was; a stream may make an end of that which looks planned. */
export const interruptOf = (fiber: AnyFiber): Cause.Cause<never> | undefined => {
  const cause = interruptedCauseOf(fiber)
  return cause && Cause.fromReasons(cause.reasons.filter(Cause.isInterruptReason))
}

/** Finds something by one of the fibers that have interrupted a fiber, the first first. */
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

/** Whether somebody interrupted a fiber that ends with this; where that is not seen, its exit has to tell. */
export const wasInterrupted = (
  fiber: AnyFiber | undefined,
  exit: Exit.Exit<unknown, unknown>,
): boolean =>
  sees.interrupts
    ? fiber !== undefined && isInterrupted(fiber)
    : exit._tag === "Failure" && Cause.hasInterruptsOnly(exit.cause)

const isInterrupted = (fiber: AnyFiber): boolean =>
  Reflect.get(fiber, "_interruptedCause") !== undefined
