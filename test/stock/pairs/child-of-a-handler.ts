import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { heartbeats, settle, sse } from "../stage.ts"

/** The fiber that fills a queue is a child of the handler, which a web runtime ends before the body, or is in its scope. */
const watch = Effect.fnUntraced(function* (
  fork: (feeding: Effect.Effect<never>) => Effect.Effect<unknown, never, Scope.Scope>,
) {
  const feed = Effect.fn("feed")(function* (queue: Queue.Queue<string>) {
    for (;;) yield* Effect.delay(Queue.offer(queue, "price"), "20 millis")
  })
  const prices = Effect.fn("prices")(function* () {
    const queue = yield* Queue.unbounded<string>()
    yield* fork(feed(queue))
    return sse(Stream.merge(Stream.fromQueue(queue), heartbeats, { haltStrategy: "left" }))
  })
  const url = yield* serve(HttpRouter.add("GET", "/child-of-a-handler", prices()))
  const client = yield* connected(`${url}/child-of-a-handler`)
  yield* settle
  const right = yield* client.until((it) => it.count("price") > 5)
  yield* client.leave
  yield* settle
  return right
})

export const pair: Pair = {
  rule: "starved-stream",
  place: "prices",
  only: "web",
  broken: watch((feeding) => Effect.forkChild(feeding)),
  fixed: watch((feeding) => Effect.forkScoped(feeding)),
}
