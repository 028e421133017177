import * as Context from "effect/Context"
import type * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import type * as Tracer from "effect/Tracer"

type AnyFiber = Fiber.Fiber<unknown, unknown>

/**
 * The one place that touches how Effect's fibers work inside: nothing public tells who owns a fiber.
 *
 * Checked against effect 4.1.0 (`internal/effect.ts`): a fiber with a parent ends with it, and whoever
 * else owns or awaits a fiber (a scope through `forkIn`, a FiberSet, `Fiber.join`, `runPromise`) observes
 * its end.
 */
const isChild = (fiber: AnyFiber): boolean => Reflect.get(fiber, "_parent") !== undefined

const observersOf = (fiber: AnyFiber): number => {
  const observers: unknown = Reflect.get(fiber, "_observers")
  return Array.isArray(observers) ? observers.length : 0
}

/** What is known of a fiber since it ran for the first time. */
export interface Birth {
  readonly at: number
  /** The function or the span in which it was started. */
  readonly inherited: Fiber.Fiber.Cache["stackFrame"]
  /** The scope in which it was started. */
  readonly scope: Scope.Scope | undefined
}

/** How many fibers may have ended before they are forgotten. */
const slack = 16

/** Fibers that are no children of others, while they run. */
export class DetachedFibers {
  readonly #fibers = new Map<AnyFiber, Birth>()
  #forgetAt = slack

  /** `at` is the moment of its start. */
  add(fiber: AnyFiber, at: number): void {
    this.#fibers.set(fiber, {
      at,
      inherited: fiber.cache.stackFrame,
      scope: Context.getOrUndefined(fiber.context, Scope.Scope),
    })
    if (this.#fibers.size < this.#forgetAt) return
    for (const known of this.#fibers.keys()) {
      if (known.pollUnsafe() !== undefined) this.#fibers.delete(known)
    }
    this.#forgetAt = this.#fibers.size * 2 + slack
  }

  /** How many are kept, those included that have ended and are not forgotten yet. */
  get size(): number {
    return this.#fibers.size
  }

  delete(fiber: AnyFiber): void {
    this.#fibers.delete(fiber)
  }

  /** Those that run although nothing owns them. */
  unowned(): ReadonlyArray<readonly [fiber: AnyFiber, birth: Birth]> {
    return [...this.#fibers].filter(
      ([fiber]) => fiber.pollUnsafe() === undefined && observersOf(fiber) === 0,
    )
  }

  clear(): void {
    this.#fibers.clear()
  }
}

/** Tells when such a fiber ends; gives whether anything but this has come to own it since. */
export const watchOrphan = (fiber: AnyFiber, ended: () => void): (() => boolean) => {
  fiber.addObserver(ended)
  return () => observersOf(fiber) > 1
}

/** The function or the span that a fiber runs, or else the one in which it was started. */
export const nameOfFiber = ({ cache }: AnyFiber, { inherited }: Birth): string => {
  let frame = cache.stackFrame
  while (frame?.parent !== undefined && frame !== inherited && frame.parent !== inherited) {
    frame = frame.parent
  }
  if (frame !== undefined) return frame.name.replace(/ \(definition\)$/, "")
  return cache.span?._tag === "Span" ? cache.span.name : "anonymous"
}

/**
 * A tracer that makes the same spans, and tells of every fiber that is no child of another when that
 * runs for the first time. The observer must not throw: the runtime would run the primitive for ever.
 */
export const watchingFibers = (
  tracer: Tracer.Tracer,
  started: (fiber: AnyFiber) => void,
): Tracer.Tracer => {
  const seen = new WeakSet<AnyFiber>()
  const inner = tracer.context?.bind(tracer)
  let latest: AnyFiber | undefined
  const see = (fiber: AnyFiber) => {
    latest = fiber
    if (seen.has(fiber)) return
    seen.add(fiber)
    if (!isChild(fiber)) started(fiber)
  }
  return {
    span: (options) => tracer.span(options),
    context: (primitive, fiber) => {
      if (fiber !== latest) see(fiber)
      return inner === undefined
        ? primitive["~effect/Effect/evaluate"](fiber)
        : inner(primitive, fiber)
    },
  }
}
