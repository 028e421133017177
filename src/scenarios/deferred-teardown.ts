import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { subscribeTraced, tracedPubSub } from "../../otel/index.ts"
import { deferredTeardown } from "../../otel/lifetimes/rules/deferred-teardown.ts"
import type { Scenario } from "./scenario.ts"
import { connected, gracePassed, serving, sse } from "./stage.ts"

type Events = Stream.Stream<string, unknown>

/** An async generator that waits in `next()` cleans up when that settles, and not before. */
const iterated = Effect.fnUntraced(function* (bus: PubSub.PubSub<string>) {
  const iterable = yield* Stream.toAsyncIterableEffect(
    Stream.unwrap(Effect.map(subscribeTraced(bus), Stream.fromSubscription)),
  )
  async function* generator() {
    yield "server.connected"
    for await (const event of iterable) yield event
  }
  return Stream.fromAsyncIterable(generator(), (error) => error)
})

const subscribed = (bus: PubSub.PubSub<string>) =>
  Effect.map(subscribeTraced(bus), (subscription) =>
    Stream.concat(Stream.make("server.connected"), Stream.fromSubscription(subscription)),
  )

/** A client of a quiet topic leaves; much later something is published. */
const watch = Effect.fnUntraced(function* (
  listen: (bus: PubSub.PubSub<string>) => Effect.Effect<Events, never, Scope.Scope>,
) {
  const bus = yield* PubSub.sliding<string>(64).pipe(tracedPubSub("bus"))
  const handler = Effect.map(listen(bus), (events) => sse("event", events))
  const server = yield* serving(HttpRouter.add("GET", "/event", handler))
  const client = yield* connected(`${server}/event`)
  yield* Effect.sleep("50 millis") // until the body waits for the next event
  yield* client.leave
  yield* gracePassed
  yield* PubSub.publish(bus, "session.created")
  yield* gracePassed
})

export const scenario: Scenario = {
  rule: deferredTeardown,
  summary:
    "A generator waits for the next event. It is told to stop, and stops only when that event comes.",
  repair: "The stream reads the subscription itself, and no generator stands in between.",
  // A generator takes from the subscription. Ending it waits for its next event.
  broken: watch(iterated),
  // The stream takes from the subscription, and is interrupted while it waits.
  fixed: watch(subscribed),
}
