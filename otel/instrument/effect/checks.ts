/** One check for each capability. It does something with Effect, and tells whether the seam saw it. */
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Metric from "effect/Metric"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import type { Capability } from "./capabilities.ts"
import { collections } from "./collection-checks.ts"
import {
  addToContext,
  childrenOf,
  hasEnded,
  type Interruption,
  interruptOf,
  isChild,
  observersOf,
  onEnd,
  onLost,
  spanOf,
  wasInterrupted,
} from "./fibers.ts"
import { layers, meetings, pubsubs, subscriptions } from "./pubsub-checks.ts"
import { queues } from "./queue-checks.ts"
import { hasOwn, onReference } from "./references.ts"
import { canChangeResponses, withStream } from "./responses.ts"
import { finalizers, parents, registrations, scopes } from "./scope-checks.ts"
import { isObservable, replaceEnd } from "./spans.ts"
import { frameOf, functionOf, isDefinition } from "./stack-frames.ts"
import { isEvaluated, observing, type RuntimeObserver } from "./tracer-hook.ts"

/** A check that fails has not seen it. */
type Check = Effect.Effect<boolean, unknown>

const startImmediately = { startImmediately: true } as const

/** A program whose fibers are observed. If the hook could not evaluate it, it would never end. */
const observed = <A, E>(
  program: Effect.Effect<A, E>,
  observer: Partial<RuntimeObserver>,
): Effect.Effect<A, E | "not evaluated"> => {
  if (!isEvaluated(program)) return Effect.fail("not evaluated")
  const ignore = () => {}
  const tracer = observing(Tracer.nativeTracer, {
    started: ignore,
    entered: ignore,
    called: ignore,
    interrupted: ignore,
    serving: ignore,
    ...observer,
  })
  return Effect.provideService(program, Tracer.Tracer, tracer)
}

const fibers: Check = Effect.gen(function* () {
  let entered = 0
  let served = 0
  const isIn = (span: Tracer.Span) =>
    Effect.withFiber((fiber) => Effect.succeed(spanOf(fiber) === span))
  const program = Effect.scoped(
    Effect.useSpan("served", { kind: "server" }, (span) => Effect.withParentSpan(isIn(span), span)),
  )
  const isSpanSeen = yield* observed(program, { entered: () => entered++, serving: () => served++ })
  return entered === 1 && served === 1 && isSpanSeen
})

const ownership: Check = Effect.gen(function* () {
  const scope = yield* Scope.make()
  const child = yield* Effect.forkChild(Effect.never, startImmediately)
  const owned = yield* Effect.forkIn(Effect.never, scope, startImmediately)
  const detached = yield* Effect.forkDetach(Effect.never, startImmediately)
  const children = yield* Effect.withFiber((fiber) => Effect.succeed(childrenOf(fiber)))
  const isSeen =
    children.length === 1 &&
    children[0] === child &&
    isChild(child) &&
    !isChild(owned) &&
    !isChild(detached) &&
    observersOf(owned) === 1 &&
    observersOf(detached) === 0 &&
    !hasEnded(detached)
  let ended = 0
  onEnd(detached, () => ended++)
  for (const fiber of [child, owned, detached]) yield* Fiber.interrupt(fiber)
  return isSeen && hasEnded(detached) && ended === 1 && (yield* seesUnobservedFailure(scope))
})

/** Two fibers in a scope fail, and only one of them is awaited. */
const seesUnobservedFailure = Effect.fnUntraced(function* (scope: Scope.Scope) {
  const failure = yield* Deferred.make<void, string>()
  const failed: Array<string> = []
  const failing = (name: string) =>
    Effect.tap(Effect.forkIn(Deferred.await(failure), scope, startImmediately), (fiber) =>
      Effect.sync(() => onLost(fiber, () => failed.push(name))),
    )
  const alone = yield* failing("alone")
  const awaited = yield* failing("awaited")
  const waiting = yield* Effect.forkChild(Fiber.await(awaited), startImmediately)
  yield* Deferred.fail(failure, "failure")
  yield* Fiber.await(waiting)
  return hasEnded(alone) && failed.join() === "alone"
})

const interrupts: Check = Effect.gen(function* () {
  const met: Array<Interruption> = []
  const started = <A>(program: Effect.Effect<A>) =>
    observed(program, { interrupted: (_, interruption) => met.push(interruption) }).pipe(
      Effect.forkDetach(startImmediately),
    )
  const deferred = yield* Deferred.make<void>()
  const waiting = yield* started(Deferred.await(deferred))
  yield* Deferred.interruptWith(deferred, -1)
  const sleeping = yield* started(Effect.never)
  yield* Fiber.interrupt(sleeping)
  const asking = yield* started(Effect.interrupt)
  return (
    met.map(({ own, by }) => `${own} ${by === asking.id ? "itself" : by === -1}`).join() ===
      "false true,true false,false itself" &&
    !wasInterrupted(waiting, Exit.void) &&
    wasInterrupted(sleeping, Exit.void) &&
    interruptOf(waiting) === undefined &&
    interruptOf(sleeping) !== undefined
  )
})

const Inherited = Context.Reference("scopeline/Inherited", { defaultValue: () => false })

const forks: Check = Effect.gen(function* () {
  yield* Effect.withFiber((fiber) => Effect.sync(() => addToContext(fiber, Inherited, true)))
  return yield* Fiber.join(yield* Effect.forkChild(Inherited, startImmediately))
})

const spans: Check = Effect.gen(function* () {
  let ended = 0
  const tracer = Tracer.make({
    span: (options) => {
      const span = Tracer.nativeTracer.span(options)
      if (isObservable(span)) {
        replaceEnd(span, (end) => (endTime, exit) => {
          ended++
          end(endTime, exit)
        })
      }
      return span
    },
  })
  const span = yield* Effect.useSpan("span", Effect.succeed).pipe(
    Effect.provideService(Tracer.Tracer, tracer),
  )
  return ended === 1 && span.status._tag === "Ended"
})

/** The moment of the call is public API of Effect, and needs no check. */
const responses: Check = Effect.sync(() => {
  const response = HttpServerResponse.stream(Stream.empty, { contentType: "text/plain" })
  const changed = withStream(response, () => Stream.never)
  return (
    canChangeResponses &&
    HttpServerResponse.isHttpServerResponse(changed) &&
    changed.body._tag === "Stream" &&
    changed.body.stream === Stream.never &&
    changed.headers["content-type"] === "text/plain"
  )
})

const frames: Check = Effect.gen(function* () {
  const called = Effect.fn("called")(function* () {
    return yield* Effect.withFiber((fiber) => Effect.succeed(frameOf(fiber)))
  })
  const frame = yield* called()
  return (
    frame !== undefined &&
    functionOf(frame) === "called" &&
    isDefinition(frame.parent) &&
    typeof frame.stack === "function"
  )
})

const references: Check = Effect.gen(function* () {
  const asked: Array<boolean> = []
  const end = onReference(({ context }, reference) => {
    if (reference === Inherited) asked.push(hasOwn(context, reference))
  })
  yield* Inherited
  yield* Effect.provideService(Inherited, Inherited, true)
  end()
  return asked.join() === "false,true"
})

const counts: Check = Effect.gen(function* () {
  const seen: Array<string> = []
  yield* Effect.forkDetach(Effect.void, startImmediately).pipe(
    Effect.provideService(Metric.FiberRuntimeMetrics, {
      recordFiberStart: (context) => seen.push(Context.isContext(context) ? "start" : "no context"),
      recordFiberEnd: () => seen.push("end"),
    }),
  )
  return seen.join() === "start,end"
})

export const checks: Readonly<Record<Capability, Check>> = {
  fibers,
  scopes,
  parents,
  finalizers,
  registrations,
  ownership,
  collections,
  interrupts,
  forks,
  meetings,
  queues,
  layers,
  pubsubs,
  subscriptions,
  spans,
  responses,
  frames,
  references,
  counts,
}
