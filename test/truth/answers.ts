import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Worker } from "./plan.ts"

/** How long it takes, in milliseconds: whoever was first and leaves does so before. */
const millis = { program: 60, "first request": 250 }

/** What all who ask at the same time are given, worked out once. */
export const answering = (application: Scope.Scope) => {
  let pending: Deferred.Deferred<void> | undefined
  return (by: Worker): Effect.Effect<void> =>
    Effect.suspend(() => {
      if (pending !== undefined) return Deferred.await(pending)
      const mine = Deferred.makeUnsafe<void>()
      pending = mine
      const work = Effect.ensuring(
        Deferred.into(Effect.sleep(millis[by]), mine),
        Effect.sync(() => {
          pending = undefined
        }),
      )
      return by === "program"
        ? Effect.andThen(Effect.forkIn(work, application), Deferred.await(mine))
        : Effect.andThen(work, Deferred.await(mine))
    })
}
