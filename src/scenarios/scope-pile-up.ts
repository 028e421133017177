import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Scope from "effect/Scope"
import { tracedScope } from "../../otel/index.ts"
import { scopePileUp } from "../../otel/lifetimes/rules/scope-pile-up.ts"
import type { Scenario } from "./scenario.ts"
import { ask, gracePassed, serving } from "./stage.ts"

/** What a request acquires, and what is to be released with it. */
const openSession = Effect.fn("openSession")(function* (open: Set<object>) {
  return yield* Effect.acquireRelease(
    Effect.sync(() => {
      const session = {}
      open.add(session)
      return session
    }),
    (session) => Effect.sync(() => open.delete(session)),
  )
})

/** Four requests, each of which needs a session. */
const serve = (
  inScope: <A, E, R>(
    self: Effect.Effect<A, E, R>,
    application: Scope.Scope,
  ) => Effect.Effect<A, E, R | Scope.Scope>,
) =>
  Effect.gen(function* () {
    const application = yield* Effect.scope
    const open = new Set<object>()
    const handler = Effect.as(
      inScope(openSession(open), application),
      HttpServerResponse.text("hello"),
    )
    const server = yield* serving(HttpRouter.add("GET", "/hello", handler))
    for (let asked = 0; asked < 4; asked++) yield* ask(`${server}/hello`, "GET")
    yield* gracePassed
    yield* gracePassed
  }).pipe(tracedScope("application", "application"))

export const scenario: Scenario = {
  rule: scopePileUp,
  summary:
    "Each request opens a session in the scope of the application. Sessions close only when the application stops.",
  repair:
    "The session belongs to the request's own scope, and is closed when that has been answered.",
  broken: serve((session, application) => Scope.provide(session, application)),
  fixed: serve((session) => session),
}
