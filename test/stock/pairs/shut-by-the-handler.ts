import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse } from "../stage.ts"

type Response = HttpServerResponse.HttpServerResponse

const makeQueue = Queue.unbounded<string>()

/** A handler uses a queue as a resource, and its response reads the queue. There is no scope. */
const steps = Effect.fnUntraced(function* (
  around: (
    use: (queue: Queue.Queue<string>) => Effect.Effect<Response, never, Scope.Scope>,
  ) => Effect.Effect<Response, never, Scope.Scope>,
) {
  const handler = Effect.fn("steps")(function* () {
    return yield* around(
      Effect.fnUntraced(function* (queue) {
        yield* Effect.forkScoped(Effect.forever(Effect.delay(Queue.offer(queue, "step"), 20)))
        return sse(Stream.concat(Stream.make("hello"), Stream.fromQueue(queue)))
      }),
    )
  })
  const url = yield* serve(HttpRouter.add("GET", "/shut-by-the-handler", handler()))
  const client = yield* connected(`${url}/shut-by-the-handler`)
  yield* client.until(({ end }) => end !== "open" || client.count("step") > 1)
  const isServed = client.count("step") > 1
  yield* client.leave
  yield* settle
  return isServed
})

export const pair: Pair = {
  rule: "scope-closed-early",
  place: "steps",
  broken: steps((use) => Effect.acquireUseRelease(makeQueue, use, Queue.shutdown)),
  fixed: steps((use) => Effect.flatMap(Effect.acquireRelease(makeQueue, Queue.shutdown), use)),
}
