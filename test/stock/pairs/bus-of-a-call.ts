import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { calling } from "../calling.ts"
import type { Pair } from "../pair.ts"
import { becomes, becomesInTime, heartbeats, settle } from "../stage.ts"

/** A reload replaces the bus under a call that has heartbeats. */
const call = Effect.fnUntraced(function* (haltStrategy: Stream.HaltStrategy) {
  const makeBus = PubSub.sliding<string>(64)
  let bus = yield* makeBus
  const subscribe = Effect.fn("subscribe")(function* () {
    const events = Stream.fromSubscription(yield* PubSub.subscribe(bus))
    return Stream.merge(events, heartbeats, { haltStrategy })
  })
  const ticks = yield* calling("/bus-of-a-call", Stream.unwrap(subscribe()))
  let heard = 0
  const client = yield* Effect.forkScoped(
    Stream.runForEach(ticks, () => Effect.sync(() => heard++)),
  )
  yield* becomes(() => heard > 0)
  const old = bus
  bus = yield* makeBus
  yield* PubSub.shutdown(old)
  yield* settle
  // Who reads the old one has to learn of it, and calls again.
  const right = yield* becomesInTime(() => client.pollUnsafe() !== undefined)
  yield* Fiber.interrupt(client)
  yield* settle
  return right
})

export const pair: Pair = {
  rule: "starved-stream",
  place: "subscribe",
  alone: true,
  broken: call("both"),
  fixed: call("left"),
}
