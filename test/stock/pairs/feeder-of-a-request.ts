import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { heartbeats, settle, sse } from "../stage.ts"

type Prices = Queue.Queue<string, Cause.Done>

/** A request starts the fiber that fills its queue, and that fails at the third price. */
const watch = Effect.fnUntraced(function* (
  fill: (feeding: Effect.Effect<never, Error>, queue: Prices) => Effect.Effect<unknown, Error>,
) {
  const feed = Effect.fn("feed")(function* (queue: Prices) {
    for (let count = 0; ; count++) {
      yield* Effect.sleep("30 millis")
      if (count === 2) return yield* Effect.fail(new Error("no such currency"))
      yield* Queue.offer(queue, "price")
    }
  })
  const prices = Effect.fn("prices")(function* () {
    const queue = yield* Queue.bounded<string, Cause.Done>(16)
    yield* Effect.forkScoped(fill(feed(queue), queue))
    return sse(Stream.merge(Stream.fromQueue(queue), heartbeats, { haltStrategy: "left" }))
  })
  const url = yield* serve(HttpRouter.add("GET", "/feeder-of-a-request", prices()))
  const client = yield* connected(`${url}/feeder-of-a-request`)
  const right = yield* client.until(({ end }) => end !== "open")
  yield* client.leave
  yield* settle
  return right
})

/** The failure is told to who reads, who is told to ask again. */
const told = (feeding: Effect.Effect<never, Error>, queue: Prices) =>
  Effect.catch(feeding, () => Effect.andThen(Queue.offer(queue, "sorry"), Queue.end(queue)))

export const pair: Pair = {
  report: "anomalyco/opencode#15645",
  rule: "unobserved-failure",
  alone: true,
  place: "feed",
  broken: watch((feeding) => feeding),
  fixed: watch(told),
}
