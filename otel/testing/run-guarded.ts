import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import { type GuardOptions, type GuardServices, guarded } from "./guarded.ts"

/**
 * Runs a guarded program, for any test runner that takes a promise.
 *
 * ```ts
 * test("streams events", () => runGuarded(program))
 * ```
 *
 * A program that failed by itself rejects with its own error, and what its lifetimes tell beside that is
 * written to stderr: it may well be why.
 */
export const runGuarded = async <A, E>(
  program: Effect.Effect<A, E, GuardServices>,
  options?: GuardOptions,
): Promise<A> => {
  const exit = await Effect.runPromiseExit(guarded(options)(program))
  if (exit._tag === "Success") return exit.value
  const [, ...beside] = Cause.prettyErrors(exit.cause)
  for (const error of beside) console.error(error)
  throw firstOf(exit.cause)
}

/** A failed assertion is a defect, which `Cause.squash` would put behind any error. */
const firstOf = <E>(cause: Cause.Cause<E>): unknown => {
  const reason = cause.reasons.find(({ _tag }) => _tag !== "Interrupt")
  if (reason?._tag === "Fail") return reason.error
  return reason?._tag === "Die" ? reason.defect : Cause.squash(cause)
}
