import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { subscribeTraced, tracedPubSub } from "../../otel/index.ts"
import { unobservedFailure } from "../../otel/lifetimes/rules/unobserved-failure.ts"
import type { Scenario } from "./scenario.ts"
import { connected, gracePassed, heartbeat, serving, sse } from "./stage.ts"

/** One fiber of the program polls for all clients; its second poll fails. */
const watch = Effect.fnUntraced(function* (
  start: (polling: Effect.Effect<void, string>) => Effect.Effect<unknown, string, Scope.Scope>,
) {
  const bus = yield* PubSub.sliding<string>(64).pipe(tracedPubSub("bus"))
  let polls = 0
  const poll = Effect.fn("poll")(function* () {
    yield* Effect.sleep("50 millis")
    if (++polls === 2) return yield* Effect.fail("no access")
    yield* PubSub.publish(bus, "session.created")
  })
  const handler = Effect.map(subscribeTraced(bus), (subscription) =>
    sse(
      "event",
      Stream.merge(Stream.fromSubscription(subscription), heartbeat, { haltStrategy: "left" }),
    ),
  )
  const server = yield* serving(HttpRouter.add("GET", "/event", handler))
  yield* start(Effect.forever(poll()))
  const client = yield* connected(`${server}/event`)
  yield* gracePassed
  yield* gracePassed
  yield* client.leave
})

export const scenario: Scenario = {
  rule: unobservedFailure,
  summary: "The fiber that polls for all clients fails; heartbeats keep their streams open.",
  repair: "The fiber polls again after it has failed.",
  // Fails, and nobody awaits it.
  broken: watch((polling) => Effect.forkScoped(polling)),
  // Is tried again.
  fixed: watch((polling) => Effect.forkScoped(Effect.retry(polling, Schedule.spaced("50 millis")))),
}
