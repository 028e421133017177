import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

const signals = ["SIGINT", "SIGTERM"] as const

/**
 * Runs a Layer until the process is asked to stop, then closes it and succeeds. A second request stops
 * the process at once, with the exit code that shells expect of a process ended by that signal.
 *
 * Under `npm run` a signal ends npm's shell, which does not pass it on: losing it is such a request.
 */
export const runUntilStopped = <A, E, R>(layer: Layer.Layer<A, E, R>): Effect.Effect<void, E, R> =>
  Effect.gen(function* () {
    const stopped = yield* Deferred.make<void>()
    yield* Effect.acquireUseRelease(
      Effect.sync(() => onSignals(() => Deferred.doneUnsafe(stopped, Effect.void))),
      () => Effect.scoped(Effect.andThen(Layer.build(layer), Deferred.await(stopped))),
      (stopListening) => Effect.sync(stopListening),
    )
  })

export const onSignals = (stop: () => void): (() => void) => {
  let asked = false
  const listener = (_: string, number: number) => {
    if (asked) process.exit(128 + number)
    asked = true
    stop()
  }
  for (const signal of signals) process.on(signal, listener)
  const parent = process.ppid
  const orphaned = setInterval(() => {
    if (process.ppid !== parent && process.env.npm_lifecycle_event !== undefined) stop()
  }, 250)
  return () => {
    clearInterval(orphaned)
    for (const signal of signals) process.removeListener(signal, listener)
  }
}
