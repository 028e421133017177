import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { contextLost } from "../../otel/lifetimes/rules/context-lost.ts"
import type { Scenario } from "./scenario.ts"
import { connected, serving, sse } from "./stage.ts"

/** Which project a request is about; only a request's handler has one. */
const Instance = Context.Reference<string | undefined>("Instance", {
  defaultValue: () => undefined,
})

const instance = Effect.flatMap(Instance, (name) =>
  name === undefined
    ? Effect.die(new Error("No context found for instance"))
    : Effect.succeed(name),
)

const events = (name: string, subscription: PubSub.Subscription<string>) =>
  Stream.concat(Stream.make(`server.connected to ${name}`), Stream.fromSubscription(subscription))

/** A client connects, and leaves if it is not sent away. */
const connect = Effect.fnUntraced(function* (
  respond: (
    subscription: PubSub.Subscription<string>,
  ) => Effect.Effect<HttpServerResponse.HttpServerResponse>,
) {
  const bus = yield* PubSub.unbounded<string>()
  const handler = Effect.flatMap(PubSub.subscribe(bus), respond)
  const server = yield* serving(
    HttpRouter.add("GET", "/event", Effect.provideService(handler, Instance, "a project")),
  )
  const client = yield* connected(`${server}/event`)
  yield* client.leave
})

export const scenario: Scenario = {
  rule: contextLost,
  summary:
    "The body of a stream looks up what only its handler knows: which project this is about.",
  repair: "The handler looks it up, before it makes the response, and hands it to the stream.",
  broken: connect((subscription) =>
    Effect.succeed(
      sse("event", Stream.unwrap(Effect.map(instance, (name) => events(name, subscription)))),
    ),
  ),
  fixed: connect((subscription) =>
    Effect.map(instance, (name) => sse("event", events(name, subscription))),
  ),
}
