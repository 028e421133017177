import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import { forkTracedScope } from "../../../otel/index.ts"
import { Application } from "../application.ts"
import { Bus, frames } from "../bus.ts"

/** Its scope is forked from the application's, and closes with the request's, however that ends. */
export const subscribe = Effect.gen(function* () {
  const bus = yield* Bus
  const fork = forkTracedScope(yield* Application, "connection")
  const connection = yield* Effect.acquireRelease(fork, Scope.close)
  return frames(yield* bus.subscribeAll().pipe(Scope.provide(connection)))
})
