import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { calling } from "../calling.ts"
import type { Pair } from "../pair.ts"
import { settle } from "../stage.ts"

/** A call fills a queue, which is shut down before its stream begins or with that. */
const call = Effect.fnUntraced(function* (
  around: <A>(
    opening: Effect.Effect<A, never, Scope.Scope>,
  ) => Effect.Effect<A, never, Scope.Scope>,
) {
  const open = Effect.fn("open")(function* () {
    const queue = yield* Effect.acquireRelease(Queue.unbounded<string>(), Queue.shutdown)
    yield* Effect.forkScoped(Effect.forever(Effect.delay(Queue.offer(queue, "tick"), "20 millis")))
    return Stream.fromQueue(queue)
  })
  const ticks = yield* calling("/queue-of-a-call", Stream.unwrap(around(open())))
  const received = yield* Effect.exit(Stream.runCollect(Stream.take(ticks, 3)))
  yield* settle
  return Exit.isSuccess(received) && received.value.length === 3
})

export const pair: Pair = {
  rule: "scope-closed-early",
  place: "open",
  alone: true,
  broken: call(Effect.scoped),
  fixed: call((opening) => opening),
}
