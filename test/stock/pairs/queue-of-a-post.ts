import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import type { Pair } from "../pair.ts"
import { inScopeOfPost, inScopeOfProgram, posted } from "../posted.ts"

/** A queue that something fills as long as the program runs. */
const makeQueue = Effect.gen(function* () {
  const queue = yield* Effect.acquireRelease(Queue.sliding<string>(16), Queue.shutdown)
  const fill = Effect.delay(Queue.offer(queue, "tick"), "20 millis")
  return Effect.as(Effect.forkScoped(Effect.forever(fill)), Stream.fromQueue(queue))
})

export const pair: Pair = {
  rule: "upstream-bound-to-first-consumer",
  broken: posted("/queue-of-a-post", makeQueue, inScopeOfPost),
  fixed: posted("/queue-of-a-post", makeQueue, inScopeOfProgram),
}
