import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse, ticking } from "../stage.ts"

/** Which project a request is about: only its handler has one. */
const Instance = Context.Reference<string | undefined>("stock/Instance", {
  defaultValue: () => undefined,
})

const instance = Effect.flatMap(Instance, (name) =>
  name === undefined
    ? Effect.die(new Error("No context found for instance"))
    : Effect.succeed(name),
)

const connect = Effect.fnUntraced(function* (
  respond: (
    events: (name: string) => Stream.Stream<string>,
  ) => Effect.Effect<HttpServerResponse.HttpServerResponse>,
) {
  const bus = yield* PubSub.sliding<string>(64)
  yield* ticking(bus, "tick")
  const handler = Effect.flatMap(PubSub.subscribe(bus), (subscription) =>
    respond((name) =>
      Stream.concat(Stream.make(`connected to ${name}`), Stream.fromSubscription(subscription)),
    ),
  )
  const url = yield* serve(
    HttpRouter.add("GET", "/context-lost", Effect.provideService(handler, Instance, "a project")),
  )
  const client = yield* connected(`${url}/context-lost`)
  const right = yield* client.until(({ events }) => events.includes("tick"))
  yield* client.leave
  yield* settle
  return right
})

export const pair: Pair = {
  report: "anomalyco/opencode#27425",
  rule: "context-lost",
  broken: connect((events) => Effect.succeed(sse(Stream.unwrap(Effect.map(instance, events))))),
  fixed: connect((events) => Effect.map(instance, (name) => sse(events(name)))),
}
