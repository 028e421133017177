import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"

/** Requests to stop, as a process gets them by signals. */
export class StopRequests extends Context.Service<
  StopRequests,
  {
    /** Calls the listener at a request, until the returned function is called. */
    readonly listen: (listener: () => void) => () => void
    /**
     * Passes every signal to a program that was started, until the returned function is called. Signals do not
     * end this process then.
     */
    readonly forward: (to: (signal: NodeJS.Signals) => void) => () => void
  }
>()("scopeline/StopRequests") {}

/** Listens for requests to stop until the scope closes; returns an effect that waits for the first one. */
export const stopRequested: Effect.Effect<
  Effect.Effect<void>,
  never,
  Scope.Scope | StopRequests
> = Effect.gen(function* () {
  const { listen } = yield* StopRequests
  const stopped = yield* Deferred.make<void>()
  yield* Effect.acquireRelease(
    Effect.sync(() => listen(() => Deferred.doneUnsafe(stopped, Effect.void))),
    (endListening) => Effect.sync(endListening),
  )
  return Deferred.await(stopped)
})

/** Runs a Layer until the command is asked to stop, then closes it and succeeds. */
export const runUntilStopped = <A, E, R>(
  layer: Layer.Layer<A, E, R>,
): Effect.Effect<void, E, R | StopRequests> =>
  Effect.scoped(
    Effect.flatMap(stopRequested, (stopped) =>
      // In a separate scope: while the Layer closes, a second request is still heard.
      Effect.scoped(Effect.andThen(Layer.build(layer), stopped)),
    ),
  )
