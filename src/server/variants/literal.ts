import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import { Application } from "../application.ts"
import { Bus, frames } from "../bus.ts"

/** The suggested fix word for word: the subscription belongs to the application, and stays with it. */
export const subscribe = Effect.gen(function* () {
  const bus = yield* Bus
  const application = yield* Application
  return frames(yield* bus.subscribeAll().pipe(Scope.provide(application)))
})
