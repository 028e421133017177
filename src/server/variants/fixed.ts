import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import { forkTracedScope } from "../../../otel/index.ts"
import { Application } from "../application.ts"
import { Bus, frames } from "../bus.ts"

/** Its scope is forked from the application's, and closed with the request's, however that ends. */
export const subscribe = Effect.gen(function* () {
  const bus = yield* Bus
  const connection = yield* forkTracedScope(yield* Application, "connection")
  yield* Effect.addFinalizer((exit) => Scope.close(connection, exit))
  return frames(yield* bus.subscribeAll().pipe(Scope.provide(connection)))
})
