import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { stalled } from "../clients.ts"
import { flood } from "../flood.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse } from "../stage.ts"

/** A client rests while 1,200 events come, and then reads on: what did not fit is lost without a word. */
const rest = Effect.fnUntraced(function* (capacity: number) {
  const bus = yield* PubSub.sliding<string>(capacity)
  const subscribe = Effect.fn("subscribe")(function* () {
    const subscription = yield* PubSub.subscribe(bus)
    return sse(Stream.concat(Stream.make("hello"), Stream.fromSubscription(subscription)))
  })
  const url = yield* serve(HttpRouter.add("GET", "/losing-events", subscribe()))
  const client = yield* stalled(`${url}/losing-events`)
  yield* flood((event) => PubSub.publish(bus, event), 20)
  client.read()
  const right = yield* client.until(({ events }) => events.length === 1201)
  yield* client.leave
  yield* settle
  return right
})

export const pair: Pair = {
  rule: "slow-consumer",
  place: "subscribe",
  broken: rest(16),
  fixed: rest(4096),
}
