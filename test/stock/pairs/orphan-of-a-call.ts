import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { calling } from "../calling.ts"
import type { Pair } from "../pair.ts"
import { settle } from "../stage.ts"

/** Each call polls, on a fiber that ends with its stream or not. The function has the name of the method. */
const call = Effect.fnUntraced(function* (
  fork: (polling: Effect.Effect<void>) => Effect.Effect<unknown, never, Scope.Scope>,
) {
  let polls = 0
  const poll = Effect.fn("poll")(function* (queue: Queue.Queue<string>) {
    while (polls < 100) {
      polls++
      yield* Queue.offer(queue, "tick")
      yield* Effect.sleep("20 millis")
    }
  })
  const ticks = Effect.fn("ticks")(function* () {
    const queue = yield* Queue.sliding<string>(4)
    yield* fork(poll(queue))
    return Stream.fromQueue(queue)
  })
  const called = yield* calling("/orphan-of-a-call", Stream.unwrap(ticks()))
  yield* Stream.runDrain(Stream.take(called, 3))
  yield* settle
  const before = polls
  yield* settle
  return polls === before
})

export const pair: Pair = {
  rule: "orphan-fiber",
  place: "ticks",
  alone: true,
  broken: call(Effect.forkDetach),
  fixed: call(Effect.forkScoped),
}
