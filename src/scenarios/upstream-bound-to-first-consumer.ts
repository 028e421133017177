import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { subscribeTraced, tracedPubSub } from "../../otel/index.ts"
import { upstreamBoundToFirstConsumer } from "../../otel/lifetimes/rules/upstream-bound-to-first-consumer.ts"
import type { Scenario } from "./scenario.ts"
import { connected, gracePassed, serving, sse } from "./stage.ts"

/** Passes what its source has on to everybody, as long as the current scope is open. */
export const makeRelay = Effect.gen(function* () {
  const relay = yield* Effect.acquireRelease(
    PubSub.sliding<string>(64).pipe(tracedPubSub("relay")),
    PubSub.shutdown,
  )
  yield* PubSub.publish(relay, "tick").pipe(
    Effect.delay("20 millis"),
    Effect.forever,
    Effect.forkScoped,
  )
  return relay
})

/** Two clients watch; the one that came first leaves. */
const watch = Effect.fnUntraced(function* (
  inScope: (
    make: typeof makeRelay,
    program: Scope.Scope,
  ) => Effect.Effect<PubSub.PubSub<string>, never, Scope.Scope>,
) {
  const program = yield* Effect.scope
  let relay: PubSub.PubSub<string> | undefined
  const handler = Effect.gen(function* () {
    relay ??= yield* inScope(makeRelay, program)
    const subscription = yield* subscribeTraced(relay)
    return sse("ticks", Stream.fromSubscription(subscription))
  })
  const server = yield* serving(HttpRouter.add("GET", "/ticks", handler))
  const first = yield* connected(`${server}/ticks`)
  const second = yield* connected(`${server}/ticks`)
  yield* first.leave
  yield* gracePassed
  yield* second.leave
  yield* gracePassed
})

export const scenario: Scenario = {
  rule: upstreamBoundToFirstConsumer,
  summary: "The first request starts what all requests share, in its own scope.",
  repair: "What all share is made in the program's scope, whichever request needs it first.",
  // The relay is made in the scope of the request that came first.
  broken: watch((make) => make),
  // It is made in the scope of the program.
  fixed: watch((make, program) => Scope.provide(make, program)),
}
