import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Tracer from "effect/Tracer"
import { defaultGrace } from "../lifetimes/diagnose.ts"
import { fromDuration } from "../lifetimes/time.ts"
import { sees } from "./effect/capabilities.ts"
import { FiberCount, layerFiberCount } from "./effect/fiber-count.ts"
import { type AnyFiber, spanOf } from "./effect/fibers.ts"
import { isClosed, parentOf } from "./effect/scopes.ts"
import { selfCheck } from "./effect/self-check.ts"
import { frameOf, functionOf } from "./effect/stack-frames.ts"
import { isHooked, isOurs, observing, type RuntimeObserver } from "./effect/tracer-hook.ts"
import { serveExchange } from "./exchange.ts"
import { Lifetimes, lifetimesOf } from "./lifetimes.ts"
import { exchangeOf, exchangeServedBy } from "./records/current-exchange.ts"
import { meetsInterrupt, readerOn, stopsReading } from "./records/current-stream.ts"
import type { Parent, ScopeRecord } from "./records/record.ts"
import { LifetimeRegistry, Registry } from "./records/registry.ts"
import { LifetimeSink } from "./records/sink.ts"
import { recordScope } from "./traced/scope.ts"
import { warn } from "./warn.ts"
import { Witness, witnessedSink, witnessedTracer } from "./witness.ts"

export interface LifetimesOptions {
  /** How long a lifetime may outlive what it was acquired for; 1 s by default. */
  readonly grace?: Duration.Input
  /** Tell of what stays open while it does, and of findings about it at once; `false` by default. */
  readonly markOpen?: boolean
}

/**
 * Keeps the lifetimes of a program, without a change to it: every exchange, and every scope that enters a
 * fiber's context. They are handed to the `LifetimeSink` where there is one.
 */
export const layerLifetimes = (options: LifetimesOptions = {}): Layer.Layer<Lifetimes | Registry> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const known = yield* recordedAlready
      if (known !== undefined) return known
      const witness = yield* Witness
      const sink = witnessedSink(yield* LifetimeSink, witness)
      const registry = new LifetimeRegistry(yield* Clock.Clock, sink, {
        grace: options.grace === undefined ? defaultGrace : fromDuration(options.grace),
        markOpen: options.markOpen === true,
      })
      witness?.recording(registry)
      yield* Effect.addFinalizer(() => Effect.sync(() => registry.finish()))
      const observer = observerOf(registry, yield* Effect.fiberId)
      const around = yield* Tracer.Tracer
      const tracer = witnessedTracer(around, witness)
      const hooked = sees.fibers ? observing(tracer, observer) : tracer
      const console = yield* Console.Console
      const count = yield* FiberCount
      if (sees.fibers) {
        count.started = (context) => {
          if (!isHidden(context, around)) return
          warn(hidden, { console })
          count.started = () => {}
        }
      }
      return services(lifetimesOf(registry, count), registry, hooked)
    }),
  ).pipe(Layer.provideMerge(layerChecked))

/** Effect is asked before anything of it is hooked. */
const layerChecked = Layer.unwrap(Effect.as(selfCheck, layerFiberCount))

/** A Layer without an exporter of its own, inside of another: there everything is recorded already. */
const recordedAlready = Effect.withFiber(({ context }) => {
  const lifetimes = Context.getOrUndefined(context, Lifetimes)
  const registry = Context.getOrUndefined(context, Registry)
  const tracer = Context.getOrUndefined(context, Tracer.Tracer)
  return Effect.succeed(
    lifetimes === undefined || registry === undefined || !isHooked(tracer)
      ? undefined
      : services(lifetimes, registry, tracer),
  )
})

const services = (
  lifetimes: Lifetimes["Service"],
  registry: LifetimeRegistry,
  tracer: Tracer.Tracer,
) =>
  Context.make(Lifetimes, lifetimes).pipe(
    Context.add(Registry, registry),
    Context.add(Tracer.Tracer, tracer),
  )

const hidden =
  "Scopeline sees nothing of what runs under another tracer, and the program provides one inside " +
  "of its Layer: provide that around the Layer, or leave it out."

/**
 * Whoever provides another tracer inside of the Layer does not see why nothing is recorded there. What
 * the Layer itself runs has the tracer `around` it.
 */
const isHidden = (context: Context.Context<never>, around: Tracer.Tracer): boolean => {
  const tracer = Context.getOrUndefined(context, Tracer.Tracer)
  return tracer !== undefined && tracer !== around && !isOurs(tracer)
}

const observerOf = (registry: LifetimeRegistry, builtBy: number): RuntimeObserver => ({
  started: (fiber) => {
    if (fiber.id > builtBy) registry.started(fiber)
  },
  entered: (fiber, scope, enclosing) => entered(registry, fiber, scope, enclosing),
  called: (fiber, scope) => {
    const record = registry.recordOf(scope)
    if (record !== undefined && record.frame === undefined) locate(record, fiber)
  },
  interrupted: (fiber, { own, by }) => {
    const stream = readerOn(fiber)
    if (stream === undefined) return
    if (!own) meetsInterrupt(stream, fiber, by, registry.now())
    else if (fiber.id === stream.fiber) stopsReading(stream)
  },
  serving: (fiber, span) => serveExchange(registry, fiber, span),
})

/** A scope that was opened around a function is called after that. */
const locate = (record: ScopeRecord, fiber: AnyFiber): void => {
  record.frame = frameOf(fiber)
  record.isAroundCall = true
  if (!record.asked && record.role !== "request" && record.frame !== undefined) {
    record.name = functionOf(record.frame)
  }
}

/** A request enters its scope before Effect makes the span by which it is known as an exchange. */
const isAboutToServe = (fiber: AnyFiber): boolean =>
  exchangeServedBy(fiber) === undefined &&
  Context.getOrUndefined(fiber.context, HttpServerRequest.HttpServerRequest) !== undefined

/** True of scopes that are no news of their own, wherever they are entered later. */
const part = Symbol("scopeline/part")

type PerhapsPart = Scope.Scope & { [part]?: boolean }

const entered = (
  registry: LifetimeRegistry,
  fiber: AnyFiber,
  scope: PerhapsPart,
  enclosing: Scope.Scope | undefined,
): void => {
  if (!sees.parents || isClosed(scope) || registry.recordOf(scope) !== undefined) return
  if (scope[part] === true || isAboutToServe(fiber)) return
  const owner = parentOf(scope)
  if (isPartOf(registry, owner, enclosing)) {
    scope[part] = true
    return
  }
  const exchange = exchangeOf(fiber)
  const frame = frameOf(fiber)
  const role = exchange === undefined ? roleInProgram(owner, enclosing) : roleIn(owner)
  recordScope(registry, scope, {
    exchange,
    name: frame === undefined ? role : functionOf(frame),
    role,
    enclosing,
    owner,
    frame,
    below: parentFor(fiber),
  })
}

/**
 * What is forked from the scope that a fiber is in, or from one that no fiber is ever in, closes with
 * whatever made it: streams and Layers consist of those.
 */
const isPartOf = (
  registry: LifetimeRegistry,
  owner: Scope.Scope | undefined,
  enclosing: Scope.Scope | undefined,
): boolean => owner !== undefined && (owner === enclosing || registry.recordOf(owner) === undefined)

/** One that was forked belongs to whoever it was forked from. */
const roleIn = (owner: Scope.Scope | undefined) =>
  owner === undefined ? ("handler" as const) : ("connection" as const)

const roleInProgram = (owner: Scope.Scope | undefined, enclosing: Scope.Scope | undefined) => {
  if (enclosing === undefined) return "application"
  return owner === undefined ? "handler" : "layer"
}

const parentFor = (fiber: AnyFiber): Parent | undefined => {
  const span = spanOf(fiber)
  return span?._tag === "Span"
    ? { traceId: span.traceId, spanId: span.spanId, sampled: span.sampled }
    : undefined
}
