import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { forkTracedScope, subscribeTraced, tracedPubSub, tracedScope } from "../../otel/index.ts"
import { subscriptionLeak } from "../../otel/lifetimes/rules/subscription-leak.ts"
import type { Scenario } from "./scenario.ts"
import { connected, gracePassed, serving, sse } from "./stage.ts"

/** A client watches and leaves, and somebody publishes afterwards. */
const watch = (
  scopeFor: (application: Scope.Scope) => Effect.Effect<Scope.Scope, never, Scope.Scope>,
) =>
  Effect.gen(function* () {
    const application = yield* Effect.scope
    const bus = yield* PubSub.sliding<string>(64).pipe(tracedPubSub("bus"))
    const handler = Effect.gen(function* () {
      const owner = yield* scopeFor(application)
      const subscription = yield* subscribeTraced(bus).pipe(Scope.provide(owner))
      const connected = Stream.make("server.connected")
      return sse("event", Stream.concat(connected, Stream.fromSubscription(subscription)))
    })
    const server = yield* serving(HttpRouter.add("GET", "/event", handler))
    const client = yield* connected(`${server}/event`)
    yield* client.leave
    yield* gracePassed
    yield* PubSub.publish(bus, "session.created")
    yield* gracePassed
  }).pipe(tracedScope("application", "application"))

export const scenario: Scenario = {
  rule: subscriptionLeak,
  summary:
    "The subscription of a request belongs to the application, and stays when its client left.",
  repair: "The subscription belongs to a scope that the request's scope closes.",
  broken: watch(Effect.succeed),
  fixed: watch((application) =>
    Effect.acquireRelease(forkTracedScope(application, "connection"), Scope.close),
  ),
}
