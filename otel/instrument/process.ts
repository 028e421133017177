import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Tracer from "effect/Tracer"
import type { Micros } from "../lifetimes/time.ts"
import { sees } from "./effect/capabilities.ts"
import { replaceDefault } from "./effect/defaults.ts"
import { counting, isCounting } from "./effect/fiber-count.ts"
import { attachToProcess } from "./effect/process-hook.ts"
import { selfCheck } from "./effect/self-check.ts"
import { mirrorSpan } from "./effect/spans.ts"
import { isOurs, observing, type RuntimeObserver } from "./effect/tracer-hook.ts"
import { serveExchange } from "./exchange.ts"
import { type HeldNow, heldNow } from "./held-now.ts"
import { Lifetimes, lifetimesOf, type OpenNow, openIn } from "./lifetimes.ts"
import { recordMeetings } from "./meetings.ts"
import { observerOf } from "./observer.ts"
import type { Observes } from "./records/observes.ts"
import { LifetimeRegistry, useForProcess } from "./records/registry.ts"
import { LifetimeSink, type Sink } from "./records/sink.ts"
import { warn } from "./warn.ts"

/** Where the lifetimes and spans of a process go. */
export interface ProcessTelemetry {
  readonly sink: Sink
  /** Makes the spans of a program without a tracer. */
  readonly tracer: Tracer.Tracer
  /** Makes a span of this library with the ids of one of the program's spans. */
  readonly mirror: (span: Tracer.Span, sampled: boolean) => Tracer.Span
}

export interface ProcessOptions {
  readonly grace: Micros
  readonly markOpen: boolean
  readonly observes: Observes
}

/** What is observed of a process. */
export interface ObservedProcess {
  /** What is open now. */
  readonly openNow: () => OpenNow
  /** The same, counted by the place in the code. */
  readonly heldNow: () => HeldNow
  /** The process ends: what is still open is exported as open, and judged for the last time. */
  readonly finish: () => void
}

export const processClock = Context.get(Context.empty(), Clock.Clock)

/**
 * Records the lifetimes of the whole process, as `layerLifetimes` does for what runs under it: of every fiber
 * that starts from now on, except fibers that run under a Layer.
 */
export const observeProcess = (
  { sink, tracer, mirror }: ProcessTelemetry,
  options: ProcessOptions,
): ObservedProcess => {
  Effect.runSync(selfCheck)
  const registry = new LifetimeRegistry(processClock, sink, options)
  const count = new ProcessFibers()
  const observer = observerOf(registry, (fiber) => {
    if (count.takeRoot()) registry.startedRoot(fiber)
    else registry.started(fiber)
  })
  const isSeen =
    sees.fibers && attach(observer, tracer, mirroring(registry, observer, mirror), count)
  if (isSeen) {
    replaceDefault(Lifetimes, lifetimesOf(registry, count))
    replaceDefault(LifetimeSink, sink) // for Layers that have no exporter
    useForProcess(registry)
    recordMeetings()
  } else if (sees.fibers) {
    warn("Scopeline sees nothing of this program: it does not know how its fibers get a tracer.")
  }
  return {
    openNow: () => openIn(registry, count),
    heldNow: () => heldNow(registry),
    finish: () => registry.finish(),
  }
}

/** Returns whether the fibers of the process are observed from now on. */
const attach = (
  observer: RuntimeObserver,
  tracer: Tracer.Tracer,
  mirroring: RuntimeObserver,
  count: ProcessFibers,
): boolean => {
  const counted = counting(count, undefined)
  const detach = attachToProcess({
    tracer: observing(tracer, observer),
    around: (own) => (isOurs(own) ? own : observing(own, mirroring)),
    metrics: (own) => {
      if (!sees.counts || (own !== undefined && isCounting(own))) return own
      return own === undefined ? counted : counting(count, own)
    },
  })
  return detach !== undefined
}

/** A tracer of the program goes on as before: we only look at its server spans. */
const mirroring = (
  registry: LifetimeRegistry,
  observer: RuntimeObserver,
  mirror: ProcessTelemetry["mirror"],
): RuntimeObserver => ({
  ...observer,
  serving: (fiber, span, sampled) =>
    serveExchange(registry, fiber, span, () => {
      const made = mirror(span, sampled)
      mirrorSpan(span, made)
      return made
    }),
})

/** How many fibers run, and whether the last one to start was started by no other fiber. */
class ProcessFibers {
  running = 0
  #isRoot = false

  readonly started = (): void => {
    this.#isRoot = Fiber.getCurrent() === undefined
  }

  /** Such a fiber runs as soon as it is made; others may run later. */
  takeRoot(): boolean {
    const isRoot = this.#isRoot
    this.#isRoot = false
    return isRoot
  }
}
