import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpRouter from "effect/http/HttpRouter"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse } from "../stage.ts"

/** A handler runs its poller with its own context, as a root, and stops it or does not. */
const watch = Effect.fnUntraced(function* (
  keep: (polling: Fiber.Fiber<void>) => Effect.Effect<unknown, never, Scope.Scope>,
) {
  let polling = 0
  const poll = Effect.fn("poll")(function* (queue: Queue.Queue<string>) {
    yield* Effect.acquireRelease(
      Effect.sync(() => ++polling),
      () => Effect.sync(() => --polling),
    )
    for (let one = 0; one < 80; one++) {
      yield* Effect.delay(Queue.offer(queue, "entry"), "30 millis")
    }
  }, Effect.scoped)
  const entries = Effect.fn("entries")(function* () {
    const queue = yield* Queue.sliding<string>(16)
    const runFork = Effect.runForkWith(yield* Effect.context<never>())
    yield* keep(runFork(poll(queue)))
    return sse(Stream.fromQueue(queue))
  })
  const url = yield* serve(HttpRouter.add("GET", "/runtime-of-a-request", entries()))
  const client = yield* connected(`${url}/runtime-of-a-request`)
  yield* client.leave
  yield* settle
  const right = polling === 0
  yield* settle
  return right
})

export const pair: Pair = {
  rule: "orphan-fiber",
  broken: watch(() => Effect.void),
  fixed: watch((polling) => Effect.addFinalizer(() => Fiber.interrupt(polling))),
}
