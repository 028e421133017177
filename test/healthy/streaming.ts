import { get } from "node:http"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpRouter from "effect/http/HttpRouter"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { subscribeTraced, tracedPubSub } from "../../otel/index.ts"
import { connected, heartbeat, serving, settled, sse } from "../../src/scenarios/stage.ts"
import { eventRoute, hello, makeBus, received } from "./event-route.ts"
import type { Healthy } from "./healthy.ts"

const aStreamFinishes: Healthy = {
  title: "streams finish: one that is finite, and one that takes two events and no more",
  exchanges: ["GET /pages server", "GET /two server"],
  play: Effect.gen(function* () {
    const bus = yield* makeBus
    const pages = HttpRouter.add(
      "GET",
      "/pages",
      Effect.succeed(sse("pages", Stream.make("1", "2", "3"))),
    )
    const two = HttpRouter.add(
      "GET",
      "/two",
      Effect.map(subscribeTraced(bus), (subscription) =>
        sse("two", Stream.concat(hello, Stream.take(Stream.fromSubscription(subscription), 2))),
      ),
    )
    const server = yield* serving(Layer.mergeAll(pages, two))
    const reader = yield* connected(`${server}/pages`)
    yield* reader.until(() => false)
    const watcher = yield* connected(`${server}/two`)
    yield* PubSub.publishAll(bus, ["created", "updated", "deleted"])
    yield* watcher.until(() => false)
    yield* settled
  }),
}

const nothingButHeartbeats: Healthy = {
  title: "nothing happens, and clients have heartbeats only",
  exchanges: ["GET /event client", "GET /heartbeat client"],
  play: Effect.gen(function* () {
    const bus = yield* makeBus
    const alone = HttpRouter.add("GET", "/heartbeat", Effect.succeed(sse("heartbeat", heartbeat)))
    const merged = HttpRouter.add(
      "GET",
      "/event",
      Effect.map(subscribeTraced(bus), (subscription) =>
        sse(
          "event",
          Stream.merge(Stream.fromSubscription(subscription), heartbeat, { haltStrategy: "left" }),
        ),
      ),
    )
    const server = yield* serving(Layer.mergeAll(alone, merged))
    for (const path of ["/heartbeat", "/event"]) {
      const client = yield* connected(server + path)
      yield* received(client, "server.heartbeat", 5)
      yield* client.leave
    }
    yield* settled
  }),
}

const event = "x".repeat(16 * 1024)
const count = 400

/** Reads to so many characters, with a rest after every piece, and leaves. */
const readSlowly = (url: string, characters: number): Effect.Effect<void, Error> =>
  Effect.callback((resume) => {
    let read = 0
    const request = get(url, { agent: false }, (response) => {
      response.on("data", (piece: Uint8Array) => {
        read += piece.length
        response.pause()
        setTimeout(() => response.resume(), 1)
        if (read < characters) return
        request.destroy()
        resume(Effect.void)
      })
    })
    request.on("error", (error) => resume(Effect.fail(error)))
  })

const aSlowClientKeepsUp: Healthy = {
  title: "a client is slow, and keeps up with publishers that wait for it",
  exchanges: ["GET /event client"],
  play: Effect.gen(function* () {
    const bus = yield* PubSub.bounded<string>(16).pipe(tracedPubSub("bus"))
    const server = yield* serving(eventRoute(bus))
    const reading = yield* Effect.forkScoped(readSlowly(`${server}/event`, count * event.length))
    yield* PubSub.publish(bus, event).pipe(
      Effect.delay("1 millis"),
      Effect.repeat({ times: count * 2 }),
      Effect.forkScoped,
    )
    yield* Fiber.join(reading)
    yield* settled
  }),
}

const aBurstIsRead: Healthy = {
  title: "a burst that fits is read at once",
  exchanges: ["GET /event client"],
  play: Effect.gen(function* () {
    const bus = yield* makeBus
    const server = yield* serving(eventRoute(bus))
    const client = yield* connected(`${server}/event`)
    yield* PubSub.publishAll(
      bus,
      Array.from({ length: 60 }, () => "created"),
    )
    yield* received(client, "created", 60)
    yield* client.leave
    yield* settled
  }),
}

export const streaming = [aStreamFinishes, nothingButHeartbeats, aSlowClientKeepsUp, aBurstIsRead]
