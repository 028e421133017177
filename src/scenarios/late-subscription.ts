import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as PubSub from "effect/PubSub"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { subscribeTraced, tracedPubSub } from "../../otel/index.ts"
import { lateSubscription } from "../../otel/lifetimes/rules/late-subscription.ts"
import type { Scenario } from "./scenario.ts"
import { connected, serving, sse } from "./stage.ts"

const subscribed = (bus: PubSub.PubSub<string>) =>
  Effect.map(subscribeTraced(bus), Stream.fromSubscription)

type Handler = Effect.Effect<HttpServerResponse.HttpServerResponse, never, Scope.Scope>

/** A publisher that hears of a new client publishes at once what the client has come for. */
const connect = Effect.fnUntraced(function* (
  respond: (connected: Stream.Stream<string>, bus: PubSub.PubSub<string>) => Handler,
) {
  const bus = yield* PubSub.unbounded<string>().pipe(tracedPubSub("bus"))
  const hello = Stream.concat(
    Stream.make("server.connected"),
    Stream.drain(Stream.fromEffect(PubSub.publish(bus, "session.created"))),
  )
  const server = yield* serving(HttpRouter.add("GET", "/event", respond(hello, bus)))
  const client = yield* connected(`${server}/event`)
  yield* PubSub.publish(bus, "session.updated")
  yield* client.until(({ events }) => events.has("session.updated"))
  yield* client.leave
})

export const scenario: Scenario = {
  rule: lateSubscription,
  summary: "The body says that it is connected, and subscribes when the next event is asked for.",
  repair: "The handler subscribes before it makes the response that says so.",
  broken: connect((hello, bus) =>
    Effect.succeed(sse("event", Stream.concat(hello, Stream.unwrap(subscribed(bus))))),
  ),
  fixed: connect((hello, bus) =>
    Effect.map(subscribed(bus), (events) => sse("event", Stream.concat(hello, events))),
  ),
}
