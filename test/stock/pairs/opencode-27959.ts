import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import type { HttpServerResponse } from "effect/http/HttpServerResponse"
import * as PubSub from "effect/PubSub"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse } from "../stage.ts"

type Events = Stream.Stream<string>

/** Whoever hears that a client is connected publishes at once what it has come for. */
const connect = Effect.fnUntraced(function* (
  respond: (
    hello: Events,
    subscribing: Effect.Effect<Events, never, Scope.Scope>,
  ) => Effect.Effect<HttpServerResponse, never, Scope.Scope>,
) {
  const bus = yield* PubSub.unbounded<string>()
  const subscribe = Effect.fn("subscribe")(function* () {
    return Stream.fromSubscription(yield* PubSub.subscribe(bus))
  })
  const hello = Stream.concat(
    Stream.make("connected"),
    Stream.drain(Stream.fromEffect(PubSub.publish(bus, "created"))),
  )
  const url = yield* serve(HttpRouter.add("GET", "/opencode-27959", respond(hello, subscribe())))
  const client = yield* connected(`${url}/opencode-27959`)
  yield* Effect.sleep("50 millis")
  yield* PubSub.publish(bus, "updated")
  yield* client.until(({ events }) => events.includes("updated"))
  const right = client.events.includes("created")
  yield* client.leave
  yield* settle
  return right
})

export const pair: Pair = {
  report: "anomalyco/opencode#27959",
  rule: "late-subscription",
  place: "subscribe",
  broken: connect((hello, subscribing) =>
    Effect.succeed(sse(Stream.concat(hello, Stream.unwrap(subscribing)))),
  ),
  fixed: connect((hello, subscribing) =>
    Effect.map(subscribing, (events) => sse(Stream.concat(hello, events))),
  ),
}
