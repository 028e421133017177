import * as Effect from "effect/Effect"
import * as FiberMap from "effect/FiberMap"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse } from "../stage.ts"

/** Who removes a listener unsubscribes the channel: always, or where that was the last. */
const listen = Effect.fnUntraced(function* (endsChannel: (listeners: number) => boolean) {
  const channels = yield* FiberMap.make<string>()
  const bus = yield* PubSub.sliding<string>(64)
  let listeners = 0
  const channel = Stream.runForEach(Stream.fromSchedule(Schedule.spaced("25 millis")), () =>
    PubSub.publish(bus, "message"),
  )
  const removeListener = Effect.suspend(() => {
    listeners--
    return endsChannel(listeners) ? FiberMap.remove(channels, "topic") : Effect.void
  })
  const subscribe = Effect.fn("subscribe")(function* () {
    listeners++
    yield* FiberMap.run(channels, "topic", channel, { onlyIfMissing: true })
    yield* Effect.addFinalizer(() => removeListener)
    return sse(Stream.fromSubscription(yield* PubSub.subscribe(bus)))
  })
  const url = yield* serve(HttpRouter.add("GET", "/redisson-61", subscribe()))
  const first = yield* connected(`${url}/redisson-61`)
  const second = yield* connected(`${url}/redisson-61`)
  yield* first.leave
  yield* settle
  const { length } = second.events
  const right = yield* second.until(({ events }) => events.length > length + 2)
  yield* second.leave
  yield* settle
  return right
})

export const pair: Pair = {
  report: "redisson/redisson#61",
  rule: "upstream-bound-to-first-consumer",
  broken: listen(() => true),
  fixed: listen((listeners) => listeners === 0),
}
