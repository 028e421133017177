import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import type { Pair } from "../pair.ts"
import { type Around, getsSteps, greeting } from "../steps.ts"

const makeQueue = Queue.unbounded<string>()

/** A handler uses a queue as a resource, and its response reads the queue. There is no scope. */
const watch = (around: Around<Queue.Queue<string>>) => {
  const steps = Effect.fn("steps")(function* () {
    return yield* around(
      Effect.fnUntraced(function* (queue) {
        yield* Effect.forkScoped(Effect.forever(Effect.delay(Queue.offer(queue, "step"), 20)))
        return greeting(Stream.fromQueue(queue))
      }),
    )
  })
  return getsSteps("/shut-by-the-handler", steps())
}

export const pair: Pair = {
  rule: "scope-closed-early",
  place: "steps",
  broken: watch((use) => Effect.acquireUseRelease(makeQueue, use, Queue.shutdown)),
  fixed: watch((use) => Effect.flatMap(Effect.acquireRelease(makeQueue, Queue.shutdown), use)),
}
