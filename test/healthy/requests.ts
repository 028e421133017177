import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { subscribeTraced, tracedScope } from "../../otel/index.ts"
import { ask, connected, gracePassed, serving, sse } from "../../src/scenarios/stage.ts"
import { eventRoute, hello, makeBus } from "./event-route.ts"
import type { Healthy } from "./healthy.ts"

const noBody: Healthy = {
  title: "somebody asks for the head of a stream, and for what is not there",
  exchanges: ["GET /nowhere server", "HEAD /event server"],
  play: Effect.gen(function* () {
    const bus = yield* makeBus
    const server = yield* serving(eventRoute(bus))
    yield* ask(`${server}/event`, "HEAD")
    yield* ask(`${server}/nowhere`, "GET")
    yield* gracePassed
    yield* PubSub.publish(bus, "created")
    yield* gracePassed
  }),
}

const ordinary: Healthy = {
  title: "requests are answered with JSON, and one fails",
  exchanges: ["GET /failing server", "GET /session server", "POST /session server"],
  play: Effect.gen(function* () {
    const bus = yield* makeBus
    const answer = HttpServerResponse.jsonUnsafe({ id: 1 })
    const server = yield* serving(
      Layer.mergeAll(
        HttpRouter.add("GET", "/session", Effect.succeed(answer)),
        HttpRouter.add("POST", "/session", Effect.as(PubSub.publish(bus, "created"), answer)),
        HttpRouter.add("GET", "/failing", Effect.fail(new Error("no such session"))),
      ),
    )
    yield* ask(`${server}/session`, "GET")
    yield* ask(`${server}/session`, "POST")
    yield* ask(`${server}/failing`, "GET")
    yield* gracePassed
  }),
}

/** Asks over the bus, and waits for the answer there, in a scope that closes with it. */
const lookUp = (bus: PubSub.PubSub<string>) =>
  Effect.gen(function* () {
    const replies = yield* subscribeTraced(bus)
    yield* PubSub.publish(bus, "reply")
    return yield* PubSub.take(replies)
  }).pipe(tracedScope("lookup"))

const nestedScopes: Healthy = {
  title: "a scope within a handler closes before the response is made",
  exchanges: ["GET /event client", "GET /session server"],
  play: Effect.gen(function* () {
    const bus = yield* makeBus
    const json = Effect.map(lookUp(bus), (reply) => HttpServerResponse.jsonUnsafe({ reply }))
    const events = Effect.gen(function* () {
      const reply = yield* lookUp(bus)
      const subscription = yield* subscribeTraced(bus)
      const first = Stream.concat(hello, Stream.make(reply))
      return sse("event", Stream.concat(first, Stream.fromSubscription(subscription)))
    })
    const server = yield* serving(
      Layer.mergeAll(
        HttpRouter.add("GET", "/session", json),
        HttpRouter.add("GET", "/event", events),
      ),
    )
    yield* ask(`${server}/session`, "GET")
    const client = yield* connected(`${server}/event`)
    yield* gracePassed
    yield* client.leave
    yield* gracePassed
  }),
}

export const requests = [noBody, ordinary, nestedScopes]
