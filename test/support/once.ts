import { Effect, type Scope } from "effect"

/** Runs the effect when the first test asks for its result, and gives the same to every other. */
export const once = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>): Effect.Effect<A, E> =>
  Effect.runSync(Effect.cached(Effect.scoped(effect)))
