/*
 * `internal/effect.ts`, `FiberImpl`: before each primitive, `runLoop` reads `tracerContext`, the hook of the
 * tracer, from the `cache` of its fiber. Effect makes one cache for all contexts with the same `cacheRoot`, as
 * its `_fiberCache`. A fiber starts and resumes through `runLoop`, and gets its contexts through `setContext`.
 */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Tracer from "effect/Tracer"
import { uncounted } from "./fiber-ids.ts"
import type { AnyFiber } from "./fibers.ts"

type Hook = NonNullable<Tracer.Tracer["context"]>

/** Looks at a fiber and at the primitive that it is about to run. It must not throw. */
type Look = (primitive: unknown, fiber: AnyFiber) => void

const evaluate = "~effect/Effect/evaluate"

const looks = new WeakMap<Hook, Look>()

/** Whether a fiber has resumed or got a context since the last look. */
let isDue = true

/** The fiber of the last look, and the primitive that it is about to run. */
let lookedAt: unknown

let running: AnyFiber | undefined

/** Whether no fiber runs any more that began to before the hook was there. */
let isRunningKnown = false

/** Returns the current fiber, as `Fiber.getCurrent` does, but faster: it is called for each event. */
export const runningFiber = (): AnyFiber | undefined =>
  isRunningKnown ? running : Fiber.getCurrent()

/**
 * The hook of a tracer that looks only if something may be new: before the first primitive of a fiber that
 * starts or resumes, after each change of its context, and before `Effect.interrupt`. If Effect does not work
 * as we know it, the hook looks before each primitive.
 */
export const sparsely = (look: Look): Hook => {
  watch()
  const hook: Hook = (primitive, fiber) => {
    isDue = false
    lookedAt = primitive
    look(primitive, fiber)
    return primitive[evaluate](fiber)
  }
  looks.set(hook, look)
  return hook
}

/** Whether its hook is called only if something may be new. */
export const isSparse = (cache: Fiber.Fiber.Cache): boolean => ofAny in cache

/** The mark of a sparse cache, also for other installations of the library in the process. */
const ofAny = Symbol.for("scopeline/sparseCache")

type Cache = Fiber.Fiber.Cache

/**
 * Takes the place of a cache, and has a hook only if something may be new. Each request makes some of these.
 * Their fields are named here, because copying unknown fields takes many times as long.
 */
class SparseCache implements Cache {
  readonly [ofAny] = true
  readonly look: Look
  readonly scheduler: Cache["scheduler"]
  readonly tracer: Cache["tracer"]
  readonly tracerEnabled: Cache["tracerEnabled"]
  readonly span: Cache["span"]
  readonly logLevel: Cache["logLevel"]
  readonly minimumLogLevel: Cache["minimumLogLevel"]
  readonly stackFrame: Cache["stackFrame"]
  readonly runtimeMetrics: Cache["runtimeMetrics"]
  readonly maxOpsBeforeYield: Cache["maxOpsBeforeYield"]
  readonly preventYield: Cache["preventYield"]
  readonly #hook: Hook

  constructor(cache: Cache, hook: Hook, look: Look) {
    this.look = look
    this.scheduler = cache.scheduler
    this.tracer = cache.tracer
    this.tracerEnabled = cache.tracerEnabled
    this.span = cache.span
    this.logLevel = cache.logLevel
    this.minimumLogLevel = cache.minimumLogLevel
    this.stackFrame = cache.stackFrame
    this.runtimeMetrics = cache.runtimeMetrics
    this.maxOpsBeforeYield = cache.maxOpsBeforeYield
    this.preventYield = cache.preventYield
    this.#hook = hook
  }

  get tracerContext(): Hook | undefined {
    return isDue ? this.#hook : undefined
  }
}

/** Whether a cache has no other fields. The first cache answers for all. */
let isCacheKnown: boolean | undefined

const isKnown = (cache: Cache, sparse: SparseCache): boolean => {
  isCacheKnown ??= Object.keys(cache).every((key) => key in sparse)
  return isCacheKnown
}

let isWatching = false

const watch = (): void => {
  if (isWatching) return
  isWatching = true
  const fibers: object = Object.getPrototypeOf(uncounted(() => Effect.runFork(Effect.void)))
  const runLoop: unknown = Reflect.get(fibers, "runLoop")
  const setContext: unknown = Reflect.get(fibers, "setContext")
  const interrupting: unknown = Reflect.get(Effect.interrupt, evaluate)
  if (typeof runLoop !== "function" || typeof setContext !== "function") return
  if (typeof interrupting !== "function") return
  queueMicrotask(() => {
    running = undefined
    isRunningKnown = true
  })
  replaceMethod(fibers, "runLoop", function (this: AnyFiber, first: unknown) {
    const before = running
    running = this
    isDue = true
    try {
      return runLoop.call(this, first)
    } finally {
      running = before
      isDue = true // for the fiber that has started this one, and goes on
    }
  })
  replaceMethod(fibers, "setContext", function (this: AnyFiber, context: object) {
    setContext.call(this, context)
    isDue = true
    if (!isSparse(this.cache)) thin(this, context)
  })
  replaceMethod(Effect.interrupt, evaluate, function (this: unknown, fiber: AnyFiber) {
    if (lookedAt !== this && fiber.cache instanceof SparseCache) fiber.cache.look(this, fiber)
    lookedAt = undefined
    return interrupting.call(this, fiber)
  })
}

const replaceMethod = (of: object, name: string, value: (...given: Array<never>) => unknown) =>
  Object.defineProperty(of, name, { configurable: true, writable: true, value })

/** Gives a sparse cache to a fiber, and to all fibers with the same cache, if its hook is of that kind. */
const thin = (fiber: AnyFiber, context: object): void => {
  const { cache } = fiber
  const hook = cache.tracerContext
  const look = hook && looks.get(hook)
  if (hook === undefined || look === undefined) return
  const root: unknown = Reflect.get(context, "cacheRoot")
  if (typeof root !== "object" || root === null) return
  const known: unknown = Reflect.get(root, "_fiberCache")
  const sparse = known === cache ? new SparseCache(cache, hook, look) : known
  if (!(sparse instanceof SparseCache) || !isKnown(cache, sparse)) return
  Reflect.set(root, "_fiberCache", sparse)
  Reflect.set(fiber, "cache", sparse)
}
