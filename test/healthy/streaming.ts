import { get } from "node:http"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { subscribeTraced, tracedPubSub } from "../../otel/index.ts"
import { connected, gracePassed, heartbeat, serving, sse } from "../../src/scenarios/stage.ts"
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
    yield* gracePassed
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
    yield* gracePassed
  }),
}

const event = "x".repeat(16 * 1024)

/** Each is more than the PubSub holds, and all are more than the sockets on the way do. */
const bursts = { count: 12, size: 40 }

/** Reads to so many characters, with a rest after every piece, and leaves. */
const readSlowly = (url: string, characters: number, begun: () => void) =>
  Effect.callback<void, Error>((resume) => {
    let read = 0
    const request = get(url, { agent: false }, (response) => {
      response.on("data", (piece: Uint8Array) => {
        begun()
        read += piece.length
        response.pause()
        setTimeout(() => response.resume(), 2)
        if (read < characters) return
        request.destroy()
        resume(Effect.void)
      })
    })
    request.on("error", (error) => resume(Effect.fail(error)))
  })

const aSlowClientKeepsUp: Healthy = {
  title: "a client is slow, keeps up on the whole, and publishers wait for it in bursts",
  exchanges: ["GET /event client"],
  play: Effect.gen(function* () {
    const bus = yield* PubSub.bounded<string>(16).pipe(tracedPubSub("bus"))
    const server = yield* serving(eventRoute(bus))
    const begun = yield* Deferred.make<void>()
    yield* Deferred.await(begun).pipe(
      Effect.andThen(
        PubSub.publishAll(
          bus,
          Array.from({ length: bursts.size }, () => event),
        ),
      ),
      Effect.repeat({ schedule: Schedule.spaced("100 millis"), times: bursts.count - 1 }),
      Effect.forkScoped,
    )
    yield* readSlowly(`${server}/event`, bursts.count * bursts.size * event.length, () => {
      Deferred.doneUnsafe(begun, Effect.void)
    })
    yield* gracePassed
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
    yield* gracePassed
  }),
}

export const streaming = [aStreamFinishes, nothingButHeartbeats, aSlowClientKeepsUp, aBurstIsRead]
