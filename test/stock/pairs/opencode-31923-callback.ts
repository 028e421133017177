import { EventEmitter } from "node:events"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { stalled } from "../clients.ts"
import { floodAndWait } from "../flood.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse } from "../stage.ts"

/** Who listens has a buffer without a bound, or one of 200 that ends where it is full. */
const watch = Effect.fnUntraced(function* (bufferSize: number | undefined) {
  const bus = new EventEmitter()
  let waiting = 0
  const events = Stream.callback<string>(
    (queue) => {
      const listener = (event: string) => {
        if (!Queue.offerUnsafe(queue, event)) Queue.endUnsafe(queue)
        waiting++
      }
      return Effect.acquireRelease(
        Effect.sync(() => bus.on("event", listener)),
        () => Effect.sync(() => bus.off("event", listener)),
      )
    },
    bufferSize === undefined ? undefined : { bufferSize, strategy: "dropping" },
  )
  const taken = Stream.tap(events, () =>
    Effect.sync(() => {
      waiting--
    }),
  )
  const subscribe = Effect.fn("subscribe")(function* () {
    return sse(Stream.concat(Stream.make("hello"), taken))
  })
  const url = yield* serve(HttpRouter.add("GET", "/opencode-31923-callback", subscribe()))
  const client = yield* stalled(`${url}/opencode-31923-callback`)
  yield* Effect.sleep("50 millis")
  yield* floodAndWait((event) => Effect.sync(() => bus.emit("event", event)))
  yield* settle
  const right = bufferSize !== undefined || waiting < 1000
  yield* client.leave
  yield* settle
  return right
})

export const pair: Pair = {
  report: "anomalyco/opencode#31923",
  rule: "slow-consumer",
  broken: watch(undefined),
  fixed: watch(200),
}
