/** Streams that several clients share, and downloads that end in every way. */
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as SubscriptionRef from "effect/SubscriptionRef"
import { ask, connected } from "../clients.ts"
import type { Program } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse } from "../stage.ts"

type Events = Stream.Stream<string, unknown>

const ticks = Stream.map(Stream.fromSchedule(Schedule.spaced("25 millis")), String)

/** Three clients watch, and leave in the order in which they came. */
const watchedByThree = Effect.fnUntraced(function* (path: `/${string}`, events: Events) {
  const watch = Effect.fn("watch")(function* () {
    return sse(events)
  })
  const url = yield* serve(HttpRouter.add("GET", path, watch()))
  const clients = [
    yield* connected(url + path),
    yield* connected(url + path),
    yield* connected(url + path),
  ]
  let right = true
  for (const client of clients) {
    const { length } = client.events
    right = (yield* client.until((it) => it.events.length > length + 2)) && right
    yield* client.leave
    yield* settle
  }
  return right
})

const aSharedStream: Program = Effect.gen(function* () {
  return yield* watchedByThree("/a-shared-stream", yield* Stream.share(ticks, { capacity: 16 }))
})

const aSharedStreamThatIdles: Program = Effect.gen(function* () {
  const shared = yield* Stream.share(ticks, { capacity: 16, idleTimeToLive: "700 millis" })
  return yield* watchedByThree("/a-shared-stream-that-idles", shared)
})

const aBroadcast: Program = Effect.gen(function* () {
  return yield* watchedByThree("/a-broadcast", yield* Stream.broadcast(ticks, { capacity: 16 }))
})

const aState: Program = Effect.gen(function* () {
  const state = yield* SubscriptionRef.make(0)
  yield* Effect.forkScoped(
    Effect.forever(
      Effect.delay(
        SubscriptionRef.update(state, (count) => count + 1),
        "25 millis",
      ),
    ),
  )
  return yield* watchedByThree("/a-state", Stream.map(SubscriptionRef.changes(state), String))
})

type Chunks = Queue.Queue<string, Error | Cause.Done>

/** A download whose fiber fills a queue, and ends it in some way. */
const download = (
  path: `/${string}`,
  end: (queue: Chunks) => Effect.Effect<unknown>,
  isRight: (text: string, end: string) => boolean,
): Program =>
  Effect.gen(function* () {
    const produce = Effect.fn("produce")(function* (queue: Chunks) {
      for (let chunk = 0; chunk < 5; chunk++) yield* Queue.offer(queue, `chunk ${chunk}\n`)
      yield* Effect.sleep("30 millis")
      yield* end(queue)
    })
    const respond = Effect.fn("respond")(function* () {
      const queue = yield* Queue.bounded<string, Error | Cause.Done>(16)
      yield* Effect.forkScoped(produce(queue))
      return HttpServerResponse.stream(Stream.encodeText(Stream.fromQueue(queue)), {
        contentType: "application/octet-stream",
      })
    })
    const url = yield* serve(HttpRouter.add("GET", path, respond()))
    const answers = [yield* ask(url + path), yield* ask(url + path), yield* ask(url + path)]
    yield* settle
    return answers.every((answer) => isRight(answer.text, answer.end))
  })

const isWhole = (text: string): boolean => text.split("\n").length === 6

export const streams = {
  "a-shared-stream": aSharedStream,
  "a-shared-stream-that-idles": aSharedStreamThatIdles,
  "a-broadcast": aBroadcast,
  "a-state": aState,
  "a-download-that-ends": download("/a-download-that-ends", Queue.end, isWhole),
  "a-download-that-shuts-down": download("/a-download-that-shuts-down", Queue.shutdown, isWhole),
  "a-download-that-fails": download(
    "/a-download-that-fails",
    (queue) => Queue.fail(queue, new Error("no more space")),
    (_, end) => end === "reset",
  ),
}
