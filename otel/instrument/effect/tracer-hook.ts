import * as Context from "effect/Context"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import type * as Tracer from "effect/Tracer"
import { type AnyFiber, type Interruption, interruptionOf, isChild } from "./internals.ts"

/** What is seen of a program that knows nothing of it. */
export interface RuntimeObserver {
  /** A fiber that is no child of another runs for the first time. */
  readonly started: (fiber: AnyFiber) => void
  /** A fiber has entered a scope; `enclosing` is the one that it was in before. */
  readonly entered: (
    fiber: AnyFiber,
    scope: Scope.Scope,
    enclosing: Scope.Scope | undefined,
  ) => void
  /** A fiber has entered a function or a span, in a scope that it was in before. */
  readonly called: (fiber: AnyFiber, scope: Scope.Scope) => void
  /** A fiber goes on with an interrupt. */
  readonly interrupted: (fiber: AnyFiber, interruption: Interruption) => void
  /** A fiber begins to serve a request under this span. */
  readonly serving: (fiber: AnyFiber, span: Tracer.Span) => void
}

/** What was seen of a fiber last, and by which observer. */
interface FiberView {
  readonly by: RuntimeObserver
  context: Context.Context<never>
  scope: Scope.Scope | undefined
}

/** A property of the fiber, and no WeakMap: it is looked up whenever another fiber goes on. */
const lastSeen = Symbol("scopeline/lastSeen")

type SeenFiber = AnyFiber & { [lastSeen]?: FiberView }

const hooked = new WeakSet<Tracer.Tracer>()
const exporting = new WeakSet<Tracer.Tracer>()

/** Remembers a tracer as one that exports for a Layer of ours, and is about to be observed. */
export const asExporting = (tracer: Tracer.Tracer): Tracer.Tracer => {
  exporting.add(tracer)
  return tracer
}

/** Whether a tracer belongs to a Layer of ours, observed already or not. */
export const isOurs = (tracer: Tracer.Tracer): boolean =>
  hooked.has(tracer) || exporting.has(tracer)

/** Whether a tracer tells an observer what it sees. */
export const isHooked = (tracer: Tracer.Tracer | undefined): tracer is Tracer.Tracer =>
  tracer !== undefined && hooked.has(tracer)

/**
 * A tracer that makes the same spans, and tells an observer what the runtime lets a tracer see: each
 * primitive, before a fiber runs it. A hook that throws would make the runtime run the primitive for
 * ever, so the first exception ends all observation.
 */
export const observing = (
  tracer: Tracer.Tracer,
  observer: RuntimeObserver,
  failed: (cause: unknown) => void,
): Tracer.Tracer => {
  const inner = tracer.context?.bind(tracer)
  let off = false
  let latestFiber: AnyFiber | undefined
  let latestContext: Context.Context<never> | undefined

  const look = (fiber: SeenFiber) => {
    const { context } = fiber
    latestFiber = fiber
    latestContext = context
    const seen = fiber[lastSeen]
    if (seen === undefined || seen.by !== observer) return meet(fiber)
    if (seen.context === context) return
    const scope = Context.getOrUndefined(context, Scope.Scope)
    const before = seen.scope
    seen.context = context
    seen.scope = scope
    if (scope === undefined) return
    if (scope !== before) observer.entered(fiber, scope, before)
    else if (fiber.cache.stackFrame !== undefined) observer.called(fiber, scope)
  }
  const meet = (fiber: SeenFiber) => {
    const { context } = fiber
    const scope = Context.getOrUndefined(context, Scope.Scope)
    fiber[lastSeen] = { by: observer, context, scope }
    if (!isChild(fiber)) observer.started(fiber)
    if (scope !== undefined) observer.entered(fiber, scope, undefined)
  }
  const turnOff = (cause: unknown) => {
    off = true
    failed(cause)
  }
  const see = (primitive: unknown, fiber: AnyFiber) => {
    try {
      if (fiber !== latestFiber || fiber.context !== latestContext) look(fiber)
      const interruption = interruptionOf(primitive, fiber)
      if (interruption !== undefined) observer.interrupted(fiber, interruption)
    } catch (cause) {
      turnOff(cause)
    }
  }
  const serve = (fiber: AnyFiber, span: Tracer.Span) => {
    try {
      observer.serving(fiber, span)
    } catch (cause) {
      turnOff(cause)
    }
  }
  const made: Tracer.Tracer = {
    span: (options) => {
      const span = tracer.span(options)
      const fiber = options.kind === "server" && !off ? Fiber.getCurrent() : undefined
      if (fiber !== undefined) serve(fiber, span)
      return span
    },
    context: (primitive, fiber) => {
      if (!off) see(primitive, fiber)
      return inner === undefined
        ? primitive["~effect/Effect/evaluate"](fiber)
        : inner(primitive, fiber)
    },
  }
  hooked.add(made)
  return made
}
