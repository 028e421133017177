import type * as Context from "effect/Context"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import type * as Tracer from "effect/Tracer"
import { couldNot, harmlessly } from "../harmlessly.ts"
import { sees } from "./capabilities.ts"
import {
  type AnyFiber,
  hasEnded,
  type Interruption,
  interruptionOf,
  isChild,
  mayInterrupt,
  spanOf,
} from "./fibers.ts"
import { scopeIn } from "./scopes.ts"
import { sparsely } from "./sparse-hook.ts"
import { frameOf } from "./stack-frames.ts"

/** What is seen of a program that knows nothing of it. */
export interface RuntimeObserver {
  /** A fiber without a parent runs for the first time. */
  readonly started: (fiber: AnyFiber) => void
  /** A fiber has entered a scope; `enclosing` is the scope that it was in before. */
  readonly entered: (
    fiber: AnyFiber,
    scope: Scope.Scope,
    enclosing: Scope.Scope | undefined,
  ) => void
  /** A fiber has entered a function or a span, without a change of its scope. */
  readonly called: (fiber: AnyFiber, scope: Scope.Scope) => void
  /** A fiber resumes with an interrupt. */
  readonly interrupted: (fiber: AnyFiber, interruption: Interruption) => void
  /**
   * A fiber begins to serve a request under this span. `sampled` says whether the program asked to sample it.
   */
  readonly serving: (fiber: AnyFiber, span: Tracer.Span, sampled: boolean) => void
}

/** What was seen of a fiber last, and by which observer. */
interface FiberView {
  readonly by: RuntimeObserver
  context: Context.Context<never>
  scope: Scope.Scope | undefined
  /** Its latest contexts, if somebody keeps them. */
  latest: Array<Context.Context<never>> | undefined
}

const latestKept = 8

/** A property of the fiber, and no WeakMap: it is read whenever another fiber resumes. */
const lastSeen = Symbol("scopeline/lastSeen")

type SeenFiber = AnyFiber & { [lastSeen]?: FiberView | undefined }

/** Effect lets go of the context of a fiber that has ended, because others may keep the fiber. */
const forgetIfEnded = (fiber: SeenFiber): void => {
  if (hasEnded(fiber)) fiber[lastSeen] = undefined
}

const keep = (latest: Array<Context.Context<never>>, context: Context.Context<never>): void => {
  if (latest.push(context) > latestKept) latest.shift()
}

/** Keeps the latest contexts of a fiber from now on. Returns a function that stops it and returns them. */
export const keepContexts = (
  fiber: SeenFiber,
): (() => ReadonlyArray<Context.Context<never>> | undefined) => {
  const seen = fiber[lastSeen]
  if (seen !== undefined) seen.latest = []
  return () => {
    const latest = seen?.latest
    if (seen !== undefined) seen.latest = undefined
    return latest
  }
}

/** The mark of this library's tracers, also for other installations in the process. */
const ours = Symbol.for("scopeline/tracer")

interface Mark {
  /** The tracer that this one observes, if it observes one. */
  readonly observed: Tracer.Tracer | undefined
}

const mark = (tracer: Tracer.Tracer, { observed }: Mark): Tracer.Tracer =>
  Object.defineProperty(tracer, ours, { value: { observed } })

const markOf = (tracer: Tracer.Tracer & { readonly [ours]?: Mark }): Mark | undefined =>
  tracer[ours]

/** Marks a tracer as one that exports for a Layer of this library, and is about to be observed. */
export const asExporting = (tracer: Tracer.Tracer): Tracer.Tracer =>
  mark(tracer, { observed: undefined })

/** Whether a tracer belongs to a Layer of this library, observed already or not. */
export const isOurs = (tracer: Tracer.Tracer): boolean => markOf(tracer) !== undefined

/** Whether a tracer reports to an observer. */
export const isHooked = (tracer: Tracer.Tracer | undefined): tracer is Tracer.Tracer =>
  tracer !== undefined && markOf(tracer)?.observed !== undefined

/** The tracer that this one observes, or this one if it observes none. */
export const unobserved = (tracer: Tracer.Tracer): Tracer.Tracer =>
  markOf(tracer)?.observed ?? tracer

/**
 * A tracer that makes the same spans, and reports to an observer what the runtime shows a tracer of fibers and
 * their contexts. A hook that throws would make the runtime run the primitive for ever.
 */
export const observing = (tracer: Tracer.Tracer, observer: RuntimeObserver): Tracer.Tracer => {
  const { ownership, interrupts } = sees
  const inner = tracer.context?.bind(tracer)
  let latestFiber: AnyFiber | undefined
  let latestContext: Context.Context<never> | undefined

  const look = (fiber: SeenFiber) => {
    const { context } = fiber
    if (ownership && latestFiber !== undefined && latestFiber !== fiber) forgetIfEnded(latestFiber)
    latestFiber = fiber
    latestContext = context
    const seen = fiber[lastSeen]
    if (seen === undefined || seen.by !== observer) return meet(fiber)
    if (seen.context === context) return
    const scope = scopeIn(context)
    const before = seen.scope
    seen.context = context
    if (seen.latest !== undefined) keep(seen.latest, context)
    seen.scope = scope
    if (scope === undefined) return
    if (scope !== before) observer.entered(fiber, scope, before)
    else if (frameOf(fiber) !== undefined) observer.called(fiber, scope)
  }
  const meet = (fiber: SeenFiber) => {
    const { context } = fiber
    const scope = scopeIn(context)
    fiber[lastSeen] = { by: observer, context, scope, latest: undefined }
    if (ownership && !isChild(fiber)) observer.started(fiber)
    if (scope !== undefined) observer.entered(fiber, scope, undefined)
  }
  const see = (primitive: unknown, fiber: AnyFiber) => {
    try {
      if (fiber !== latestFiber || fiber.context !== latestContext) look(fiber)
      if (!interrupts || !mayInterrupt(primitive, fiber)) return
      const interruption = interruptionOf(primitive, fiber)
      if (interruption !== undefined) observer.interrupted(fiber, interruption)
    } catch (cause) {
      couldNot("record a lifetime", cause)
    }
  }
  const made: Tracer.Tracer = {
    span: (options) => {
      const span = tracer.span(options)
      const fiber = options.kind === "server" ? Fiber.getCurrent() : undefined
      if (fiber !== undefined)
        harmlessly(() => observer.serving(fiber, span, options.sampled), undefined)
      return span
    },
    context: inner === undefined ? sparsely(see) : seeingAll(see, inner),
  }
  return mark(made, { observed: tracer })
}

type TracerContext = NonNullable<Tracer.Tracer["context"]>

/** The hook of a tracer that wants to see each primitive itself. */
const seeingAll =
  (see: (primitive: unknown, fiber: AnyFiber) => void, inner: TracerContext): TracerContext =>
  (primitive, fiber) => {
    see(primitive, fiber)
    return inner(primitive, fiber)
  }

/** Whether the hook can run a program. */
export const isEvaluated = (program: object): boolean =>
  typeof Reflect.get(program, "~effect/Effect/evaluate") === "function"

/** Runs each primitive of a fiber inside `enter`, if the fiber is in a span. */
export const entering =
  (enter: <A>(span: Tracer.AnySpan, run: () => A) => A): TracerContext =>
  (primitive, fiber) => {
    const span = spanOf(fiber)
    return span === undefined
      ? primitive["~effect/Effect/evaluate"](fiber)
      : enter(span, () => primitive["~effect/Effect/evaluate"](fiber))
  }
