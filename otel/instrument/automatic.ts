import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Tracer from "effect/Tracer"
import { defaultGrace } from "../lifetimes/diagnose.ts"
import { fromDuration } from "../lifetimes/duration.ts"
import { sees } from "./effect/capabilities.ts"
import { FiberCount, layerFiberCount } from "./effect/fiber-count.ts"
import { isAttachedToProcess } from "./effect/process-hook.ts"
import { selfCheck } from "./effect/self-check.ts"
import { isHooked, isOurs, observing, unobserved } from "./effect/tracer-hook.ts"
import { Lifetimes, lifetimesOf } from "./lifetimes.ts"
import { recordMeetings } from "./meetings.ts"
import { observerOf } from "./observer.ts"
import { everything, type Observes, observedByBoth } from "./records/observes.ts"
import { LifetimeRegistry, Registry } from "./records/registry.ts"
import { LifetimeSink } from "./records/sink.ts"
import { warn } from "./warn.ts"
import { Witness, witnessedSink, witnessedTracer } from "./witness.ts"

export interface LifetimesOptions {
  /** How long a lifetime may outlive what it was acquired for; 1 s by default. */
  readonly grace?: Duration.Input
  /** Report what stays open, and findings about it, while it is still open; `false` by default. */
  readonly markOpen?: boolean
  /** What is observed besides exchanges, scopes, streams and fibers; everything by default. */
  readonly observe?: Partial<Observes>
}

/**
 * Records the lifetimes of a program without changing it: every exchange, and every scope that enters a fiber's
 * context. They go to the `LifetimeSink`, if there is one.
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
        observes: observedByBoth(everything, options.observe),
      })
      recordMeetings()
      witness?.recording(registry)
      yield* Effect.addFinalizer(() => Effect.sync(() => registry.finish()))
      const builtBy = yield* Effect.fiberId
      const observer = observerOf(registry, (fiber) => {
        if (fiber.id > builtBy) registry.started(fiber)
      })
      const around = unobserved(yield* Tracer.Tracer)
      const tracer = witnessedTracer(around, witness)
      const hooked = sees.fibers ? observing(tracer, observer) : tracer
      const console = yield* Console.Console
      const count = yield* FiberCount
      if (sees.fibers && !isAttachedToProcess()) {
        count.started = (context) => {
          if (!isHidden(context, around)) return
          warn(hidden, { console })
          count.started = () => {}
        }
      }
      return services(lifetimesOf(registry, count), registry, hooked)
    }),
  ).pipe(Layer.provideMerge(layerChecked))

/** Checks Effect before anything of it is hooked. */
const layerChecked = Layer.unwrap(Effect.as(selfCheck, layerFiberCount))

/** A Layer without an exporter, inside another Layer: that one records everything already. */
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
 * A user who provides another tracer inside the Layer cannot see why nothing is recorded there. `around` is the
 * tracer of what the Layer itself runs.
 */
const isHidden = (context: Context.Context<never>, around: Tracer.Tracer): boolean => {
  const tracer = Context.getOrUndefined(context, Tracer.Tracer)
  return tracer !== undefined && tracer !== around && !isOurs(tracer)
}
