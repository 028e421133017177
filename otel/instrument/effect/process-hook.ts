/*
 * `internal/effect.ts`, `setContext` and `makeFiberContextCache`: a fiber takes its tracer and its metrics from
 * a cache. Effect makes one cache for all contexts with the same cached services, and keeps it in `_fiberCache`
 * of the first of them.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import type * as Metric from "effect/Metric"
import * as Tracer from "effect/Tracer"
import { couldNot } from "../harmlessly.ts"
import { replaceDefault } from "./defaults.ts"
import { isSparse } from "./sparse-hook.ts"

type Metrics = Metric.FiberRuntimeMetricsService

/** What the fibers of a process get. */
export interface ProcessHook {
  /** The tracer for fibers whose context has none. */
  readonly tracer: Tracer.Tracer
  /** For fibers whose context brings a tracer: wraps that tracer, once. */
  readonly around: (own: Tracer.Tracer) => Tracer.Tracer
  /** Called for each fiber that starts or ends, besides what the context brings. */
  readonly metrics: (own: Metrics | undefined) => Metrics | undefined
}

type Root = object & { [cacheOfRoot]?: Fiber.Fiber.Cache }

const cacheOfRoot = Symbol("scopeline/cacheOfRoot")

const contexts: object = Object.getPrototypeOf(Context.empty())

/** Whether some installation of the library gives the fibers of the process something. */
export const isAttachedToProcess = (): boolean => Object.hasOwn(contexts, "_fiberCache")

/**
 * Gives tracers to all fibers of the process, whatever starts them. Returns a function that stops it, or
 * `undefined` if Effect ignores it.
 */
export const attachToProcess = (hook: ProcessHook): (() => void) | undefined => {
  const equip = equipping(hook)
  Reflect.deleteProperty(Context.empty(), "_fiberCache") // of what has run before
  Object.defineProperty(contexts, "_fiberCache", {
    configurable: true,
    get(this: Root) {
      return this[cacheOfRoot]
    },
    set(this: Root, cache: Fiber.Fiber.Cache) {
      equip(cache)
      this[cacheOfRoot] = cache
    },
  })
  const restoreDefault = replaceDefault(Tracer.Tracer, hook.tracer)
  const detach = () => {
    Reflect.deleteProperty(contexts, "_fiberCache")
    restoreDefault()
  }
  if (Effect.runSync(currentTracer) === hook.tracer) return detach
  detach()
  return undefined
}

const currentTracer = Effect.withFiber(({ cache }) => Effect.succeed(cache.tracer))

const equipping = ({ tracer, around, metrics }: ProcessHook) => {
  const made = new WeakMap<Tracer.Tracer, Tracer.Tracer>()
  const tracerFor = (own: Tracer.Tracer | undefined): Tracer.Tracer => {
    if (own === undefined) return tracer
    const known = made.get(own) ?? around(own)
    made.set(own, known)
    return known
  }
  let isEquipping = false // a factory of tracers is left alone
  return (cache: Fiber.Fiber.Cache): void => {
    if (isEquipping || isSparse(cache)) return
    isEquipping = true
    try {
      const own = tracerFor(cache.tracer)
      const runtimeMetrics = metrics(cache.runtimeMetrics)
      Object.assign(cache, { tracer: own, tracerContext: own.context, runtimeMetrics })
    } catch (cause) {
      couldNot("record a lifetime", cause)
    } finally {
      isEquipping = false
    }
  }
}
