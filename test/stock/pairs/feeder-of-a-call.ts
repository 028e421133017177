import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { calling } from "../calling.ts"
import type { Pair } from "../pair.ts"
import { becomes, becomesInTime, heartbeats, settle } from "../stage.ts"

type Prices = Queue.Queue<string, Cause.Done>

/** A call starts the fiber that fills its queue, and that fails at the third price. */
const call = Effect.fnUntraced(function* (
  fill: (feeding: Effect.Effect<never, Error>, queue: Prices) => Effect.Effect<unknown, Error>,
) {
  const feed = Effect.fn("feed")(function* (queue: Prices) {
    for (let count = 0; ; count++) {
      yield* Effect.sleep("30 millis")
      if (count === 2) return yield* Effect.fail(new Error("no such currency"))
      yield* Queue.offer(queue, "price")
    }
  })
  const prices = Effect.fn("prices")(function* () {
    const queue = yield* Queue.bounded<string, Cause.Done>(16)
    yield* Effect.forkScoped(fill(feed(queue), queue))
    return Stream.merge(Stream.fromQueue(queue), heartbeats, { haltStrategy: "left" })
  })
  const ticks = yield* calling("/feeder-of-a-call", Stream.unwrap(prices()))
  let heard = 0
  const client = yield* Effect.forkScoped(
    Stream.runForEach(ticks, () => Effect.sync(() => heard++)),
  )
  yield* becomes(() => heard > 0)
  yield* settle
  const right = yield* becomesInTime(() => client.pollUnsafe() !== undefined)
  yield* Fiber.interrupt(client)
  yield* settle
  return right
})

export const pair: Pair = {
  rule: "unobserved-failure",
  place: "feed",
  alone: true,
  broken: call((feeding) => feeding),
  fixed: call((feeding, queue) => Effect.ensuring(Effect.ignore(feeding), Queue.end(queue))),
}
