import * as Effect from "effect/Effect"
import * as PubSub from "effect/PubSub"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { watchedInTurn } from "../counting.ts"
import type { Pair } from "../pair.ts"

/** A queue that is filled as long as its scope is open. */
const openQueue = Effect.fnUntraced(function* (bus: PubSub.PubSub<string>) {
  const queue = yield* Effect.acquireRelease(Queue.sliding<string>(16), Queue.shutdown)
  const subscription = yield* PubSub.subscribe(bus)
  yield* Effect.forkScoped(
    Effect.forever(Effect.flatMap(PubSub.take(subscription), (event) => Queue.offer(queue, event))),
  )
  return Stream.fromQueue(queue)
})

/** Requests take turns in reading one queue; it is shut down with the first of them, or with the last. */
const watch = (isOver: (readers: number) => boolean) =>
  watchedInTurn("/miscounted-queue", openQueue, isOver)

export const pair: Pair = {
  rule: "upstream-bound-to-first-consumer",
  broken: watch(() => true),
  fixed: watch((readers) => readers === 0),
}
