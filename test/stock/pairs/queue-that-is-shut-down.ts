import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse } from "../stage.ts"

type Progress = Queue.Queue<string, Cause.Done>

/** Work tells how far it is; when it is done, it takes the queue away under its reader or ends it. */
const watch = Effect.fnUntraced(function* (done: (progress: Progress) => Effect.Effect<unknown>) {
  const program = yield* Effect.scope
  const work = Effect.fn("work")(function* (progress: Progress) {
    for (let step = 0; step < 3; step++) {
      yield* Effect.delay(Queue.offer(progress, "step"), "30 millis")
    }
    yield* done(progress)
  })
  const start = Effect.fn("start")(function* () {
    const progress = yield* Queue.unbounded<string, Cause.Done>()
    yield* Effect.forkIn(work(progress), program)
    return sse(Stream.fromQueue(progress))
  })
  const url = yield* serve(HttpRouter.add("GET", "/queue-that-is-shut-down", start()))
  const client = yield* connected(`${url}/queue-that-is-shut-down`)
  yield* client.until(({ end }) => end !== "open")
  yield* settle
  return client.end === "end" && client.count("step") === 3
})

export const pair: Pair = {
  rule: "server-ended-stream",
  alone: true,
  place: "work",
  broken: watch(Queue.shutdown),
  fixed: watch(Queue.end),
}
