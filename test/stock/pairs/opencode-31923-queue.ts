import { EventEmitter } from "node:events"
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { stalled } from "../clients.ts"
import { floodAndWait } from "../flood.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse } from "../stage.ts"

/** A client stops to read, and its queue keeps what it does not get. */
const watch = Effect.fnUntraced(function* (
  makeQueue: Effect.Effect<Queue.Queue<string, Cause.Done>>,
) {
  const bus = new EventEmitter()
  let waiting = 0
  const subscribe = Effect.fn("subscribe")(function* () {
    const queue = yield* makeQueue
    const listener = (event: string) => {
      // A bounded one is full: whoever is so far behind has to connect again.
      if (!Queue.offerUnsafe(queue, event)) Queue.endUnsafe(queue)
      waiting = Queue.sizeUnsafe(queue)
    }
    yield* Effect.acquireRelease(
      Effect.sync(() => bus.on("event", listener)),
      () => Effect.sync(() => bus.off("event", listener)),
    )
    return sse(Stream.concat(Stream.make("hello"), Stream.fromQueue(queue)))
  })
  const url = yield* serve(HttpRouter.add("GET", "/opencode-31923-queue", subscribe()))
  const client = yield* stalled(`${url}/opencode-31923-queue`)
  yield* floodAndWait((event) => Effect.sync(() => bus.emit("event", event)))
  yield* settle
  yield* client.leave
  yield* settle
  return waiting < 1000
})

export const pair: Pair = {
  report: "anomalyco/opencode#31923",
  rule: "slow-consumer",
  place: "subscribe",
  broken: watch(Queue.unbounded<string, Cause.Done>()),
  fixed: watch(Queue.dropping<string, Cause.Done>(200)),
}
