import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { traceCurrentScope } from "../../otel/index.ts"

/** The scope that lives as long as the server. */
export class Application extends Context.Service<Application, Scope.Scope>()(
  "scopeline/server/Application",
) {
  static readonly layer: Layer.Layer<Application> = Layer.effect(
    Application,
    Effect.gen(function* () {
      const scope = yield* Scope.fork(yield* Effect.scope)
      yield* traceCurrentScope("application", "application").pipe(Scope.provide(scope))
      return scope
    }),
  )
}
