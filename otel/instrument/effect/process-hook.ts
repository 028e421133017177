/*
 * `internal/effect.ts`, `FiberImpl`: `setContext` takes the tracer of a fiber from its context into `cache`, which
 * all contexts share that hold the same of what is cached. A `Context.Reference` keeps its default on itself.
 */
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Tracer from "effect/Tracer"
import { couldNot } from "../harmlessly.ts"
import type { AnyFiber } from "./fibers.ts"

type Cache = Fiber.Fiber.Cache

const defaultValue = "~effect/Context/defaultValue"

/**
 * Gives tracers to the fibers of the whole process, whatever starts them: `tracer` to those whose context has none,
 * and what `around` makes of it, once, to those whose context brings their own. Gives what ends that; `undefined` where
 * Effect takes no notice of it.
 */
export const attachToProcess = (
  tracer: Tracer.Tracer,
  around: (own: Tracer.Tracer) => Tracer.Tracer,
): (() => void) | undefined => {
  const prototype: AnyFiber = Object.getPrototypeOf(Effect.runSync(currentFiber))
  const { setContext } = prototype
  const made = new WeakMap<Tracer.Tracer, Tracer.Tracer>()
  const give = giving((own) => {
    if (own === undefined) return tracer
    const known = made.get(own) ?? around(own)
    made.set(own, known)
    return known
  })
  prototype.setContext = function (context) {
    setContext.call(this, context)
    give(this)
  }
  const restoreDefault = replaceDefault(tracer)
  const detach = () => {
    prototype.setContext = setContext
    restoreDefault()
  }
  const isTaken = Effect.runSync(currentTracer) === tracer
  if (isTaken) return detach
  detach()
  return undefined
}

const currentFiber = Effect.withFiber((fiber) => Effect.succeed(fiber))

const currentTracer = Effect.withFiber(({ cache }) => Effect.succeed(cache.tracer))

const giving = (tracerFor: (own: Tracer.Tracer | undefined) => Tracer.Tracer) => {
  /** By the cache that a context has, which is not changed. */
  const given = new WeakMap<Cache, Cache>()
  let isGiving = false // what makes a tracer is left alone
  return (fiber: AnyFiber): void => {
    if (isGiving) return
    isGiving = true
    try {
      const { cache } = fiber
      const known = given.get(cache) ?? withTracer(cache, tracerFor(cache.tracer))
      given.set(cache, known)
      given.set(known, known)
      if (known !== cache) Reflect.set(fiber, "cache", known)
    } catch (cause) {
      couldNot("record a lifetime", cause)
    } finally {
      isGiving = false
    }
  }
}

const withTracer = (cache: Cache, tracer: Tracer.Tracer): Cache =>
  tracer === cache.tracer ? cache : { ...cache, tracer, tracerContext: tracer.context }

/** For whoever asks for the tracer of a context that has none. */
const replaceDefault = (tracer: Tracer.Tracer): (() => void) => {
  const before = Object.getOwnPropertyDescriptor(Tracer.Tracer, defaultValue)
  Reflect.set(Tracer.Tracer, defaultValue, tracer)
  return () => {
    if (before === undefined) Reflect.deleteProperty(Tracer.Tracer, defaultValue)
    else Object.defineProperty(Tracer.Tracer, defaultValue, before)
  }
}
