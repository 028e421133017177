import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as HttpRouter from "effect/http/HttpRouter"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse } from "../stage.ts"

type Start = (
  polling: Effect.Effect<never>,
  tasks: FiberSet.FiberSet,
) => Effect.Effect<unknown, never, Scope.Scope>

/** Each stream has a fiber that polls for it; the program keeps that, or the request. */
const watch = Effect.fnUntraced(function* (start: Start) {
  const tasks = yield* FiberSet.make()
  let polling = 0
  const poll = Effect.fnUntraced(function* (queue: Queue.Queue<string>) {
    yield* Effect.acquireRelease(
      Effect.sync(() => ++polling),
      () => Effect.sync(() => --polling),
    )
    for (;;) yield* Effect.delay(Queue.offer(queue, "entry"), "30 millis")
  }, Effect.scoped)
  const entries = Effect.fn("entries")(function* () {
    const queue = yield* Queue.sliding<string>(16)
    yield* start(poll(queue), tasks)
    return sse(Stream.fromQueue(queue))
  })
  const url = yield* serve(HttpRouter.add("GET", "/poller-of-a-stream", entries()))
  for (let one = 0; one < 2; one++) {
    const client = yield* connected(`${url}/poller-of-a-stream`)
    yield* client.leave
  }
  yield* settle
  const right = polling === 0
  yield* settle
  return right
})

export const pair: Pair = {
  report: "Effect-TS/effect#6181",
  rule: "orphan-fiber",
  broken: watch((polling, tasks) => FiberSet.run(tasks, polling)),
  fixed: watch((polling) => Effect.forkScoped(polling)),
}
