import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as Tracer from "effect/Tracer"
import { CutOffListener } from "../export/cut-off.ts"
import { layerLifetimes } from "../instrument/automatic.ts"
import { Lifetimes } from "../instrument/lifetimes.ts"
import { Registry } from "../instrument/records/registry.ts"
import { LifetimeSink, silentSink } from "../instrument/records/sink.ts"
import { Witness } from "../instrument/witness.ts"
import { fromMillis } from "../lifetimes/time.ts"
import type { KnownProblem } from "./known.ts"
import { fibersLeft } from "./leftover.ts"
import { errorOf, type LifetimeError } from "./lifetime-error.ts"
import { ObservedProgram } from "./observed-program.ts"
import { unsettled, unsettledExchanges, untilSettled } from "./patience.ts"
import { verdictOf } from "./verdict.ts"

export interface GuardOptions {
  /** How long something may outlive what it was acquired for; 200 ms by default. */
  readonly grace?: Duration.Input
  /** Known and accepted problems. */
  readonly known?: ReadonlyArray<KnownProblem>
}

const defaultGrace = "200 millis"

/** Services that a guarded program gets from the guard. */
export type GuardServices = Scope.Scope | Lifetimes | Layer.CurrentMemoMap

/**
 * Runs a program in a scope of its own, and fails where a lifetime rule held or where something that
 * began inside is still open after its end.
 *
 * ```ts
 * it.effect("streams events", () => program.pipe(guarded()))
 * ```
 */
export const guarded =
  ({ grace = defaultGrace, known = [] }: GuardOptions = {}) =>
  <A, E, R>(
    program: Effect.Effect<A, E, R>,
  ): Effect.Effect<A, E | LifetimeError, Exclude<R, GuardServices>> =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function* () {
        const graceMillis = Duration.toMillis(Duration.fromInputUnsafe(grace))
        const observed = new ObservedProgram(graceMillis, yield* outerScope)
        const telemetry = yield* Scope.make()
        const around = yield* observing(observed, telemetry)
        const own = yield* Scope.make()
        const inside = Context.add(around, Scope.Scope, own)

        const exit = yield* Effect.exit(inChild(Effect.provideContext(program, inside), restore))
        const patience = (look: (observed: ObservedProgram) => ReadonlyArray<unknown>) =>
          isInterrupted(exit)
            ? Effect.void
            : Effect.exit(restore(untilSettled(() => look(observed), graceMillis)))
        yield* patience(unsettledExchanges)
        const closed = yield* Effect.exit(Effect.provideContext(Scope.close(own, exit), around))
        yield* patience(unsettled)
        const fibers = fibersLeft(observed)
        yield* Scope.close(telemetry, Exit.void)

        const ended = both(exit, closed)
        if (isInterrupted(exit)) return yield* ended
        const error = errorOf(verdictOf(observed, fibers, fromMillis(graceMillis), known))
        return yield* error === undefined ? ended : both(ended, besides(ended, error))
      }),
    )

/** Runs it in a separate fiber: the children of that fiber end with it, and release what they hold. */
const inChild = <A, E, R>(
  program: Effect.Effect<A, E, R>,
  restore: <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>,
): Effect.Effect<A, E, R> =>
  Effect.flatMap(
    Effect.forkChild(restore(program), { startImmediately: true, uninterruptible: "inherit" }),
    (fiber) => Effect.onInterrupt(restore(Fiber.join(fiber)), () => Fiber.interrupt(fiber)),
  )

const outerScope = Effect.contextWith((context: Context.Context<never>) =>
  Effect.succeed(Context.getOrUndefined(context, Scope.Scope)),
)

/** What a program needs around it to be observed, and to share no Layer with another program. */
const observing = (observed: ObservedProgram, telemetry: Scope.Scope) => {
  const seen = Context.make(Witness, observed).pipe(
    Context.add(CutOffListener, observed.telemetryCutOff),
    Context.add(LifetimeSink, silentSink), // a failing test says it all
  )
  const memoMap = Layer.makeMemoMapUnsafe()
  const lifetimes: Layer.Layer<Lifetimes> = Layer.fresh(
    layerLifetimes({ grace: observed.graceMillis }),
  )
  return Layer.buildWithMemoMap(lifetimes, memoMap, telemetry).pipe(
    Effect.provideContext(seen),
    Effect.updateContext(unrecorded),
    Effect.map((built) =>
      Context.merge(seen, built).pipe(Context.add(Layer.CurrentMemoMap, Layer.makeMemoMapUnsafe())),
    ),
  )
}

/**
 * Under a Layer that records already, or inside another guard, this guard sees its program instead of that one.
 */
const unrecorded = (context: Context.Context<never>): Context.Context<never> =>
  Context.getOrUndefined(context, Registry) === undefined
    ? context
    : Context.omit(Lifetimes, Registry, Tracer.Tracer, LifetimeSink)(context)

const isInterrupted = (exit: Exit.Exit<unknown, unknown>): boolean =>
  exit._tag === "Failure" && Cause.hasInterruptsOnly(exit.cause)

/**
 * A runner shows the first error. It shows the first defect, such as a failed assertion, only if there is no
 * error.
 */
const besides = (
  ended: Exit.Exit<unknown, unknown>,
  error: LifetimeError,
): Exit.Exit<never, LifetimeError> =>
  ended._tag === "Failure" && Cause.hasDies(ended.cause) && !Cause.hasFails(ended.cause)
    ? Exit.die(error)
    : Exit.fail(error)

/** The first exit, unless the second has failed: then both, in this order. */
const both = <A, E, E2>(
  first: Exit.Exit<A, E>,
  second: Exit.Exit<unknown, E2>,
): Exit.Exit<A, E | E2> => {
  if (second._tag === "Success") return first
  if (first._tag === "Success") return Exit.failCause(second.cause)
  return Exit.failCause(Cause.combine(first.cause, second.cause))
}
