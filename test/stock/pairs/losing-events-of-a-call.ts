import * as Effect from "effect/Effect"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { calling } from "../calling.ts"
import type { Pair } from "../pair.ts"
import { becomes, settle } from "../stage.ts"

/** A call looks something up for each of 100 events that come at once: what does not fit is lost without a word. */
const call = Effect.fnUntraced(function* (capacity: number) {
  const bus = yield* PubSub.sliding<string>(capacity)
  let isThere = false
  const subscribe = Effect.fn("subscribe")(function* () {
    const subscription = yield* PubSub.subscribe(bus)
    isThere = true
    return Stream.fromSubscription(subscription)
  })
  const slowly = Stream.mapEffect(Stream.unwrap(subscribe()), (event) =>
    Effect.as(Effect.sleep("2 millis"), event),
  )
  const ticks = yield* calling("/losing-events-of-a-call", slowly)
  let heard = 0
  const client = yield* Effect.forkScoped(
    Stream.runForEach(
      Stream.takeUntil(ticks, (tick) => tick === "last"),
      () => Effect.sync(() => heard++),
    ),
  )
  yield* becomes(() => isThere)
  for (let event = 1; event < 100; event++) yield* PubSub.publish(bus, "tick")
  yield* PubSub.publish(bus, "last")
  yield* becomes(() => client.pollUnsafe() !== undefined)
  yield* settle
  return heard === 100
})

export const pair: Pair = {
  rule: "slow-consumer",
  place: "subscribe",
  alone: true,
  broken: call(16),
  fixed: call(128),
}
