import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { eventsOf } from "./bus.ts"
import { nobody } from "./ledger.ts"
import type { Background } from "./plan.ts"
import type { World } from "./world.ts"

/** Starts something that goes on beside the server. */
export const runInBackground = (
  world: World,
  background: Background,
): Effect.Effect<unknown, never, Scope.Scope> => {
  const { ledger } = world
  switch (background) {
    case "ticker":
      return Effect.forkScoped(
        ledger.during("ticker", nobody, "program")(Effect.forever(Effect.sleep("20 millis"))),
      )
    case "child scope":
      return Effect.forkChild(
        Effect.scoped(Effect.andThen(ledger.scoped("child's", nobody, "program"), Effect.never)),
      )
    case "child stream":
      return Effect.forkChild(Stream.runDrain(Stream.groupedWithin(Stream.never, 25, "50 millis")))
    case "child subscriber":
      return Effect.forkChild(
        Stream.runDrain(Stream.unwrap(Effect.map(world.subscribe(world.bus), eventsOf))),
      )
    case "empty scope":
      return Effect.flatMap(Scope.make(), (scope) => Scope.provide(Effect.void, scope))
  }
}
