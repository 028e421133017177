import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as Option from "effect/Option"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { stalled } from "../clients.ts"
import { flood } from "../flood.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse } from "../stage.ts"

/** The same of a body that waits for each event on another fiber, so as not to wait for too long. */
const rest = Effect.fnUntraced(function* (capacity: number) {
  const bus = yield* PubSub.sliding<string>(capacity)
  const subscribe = Effect.fn("subscribe")(function* () {
    const subscription = yield* PubSub.subscribe(bus)
    const next = Effect.timeoutOption(PubSub.take(subscription), "10 seconds")
    const events = Stream.fromEffectRepeat(
      Effect.map(
        next,
        Option.getOrElse(() => "heartbeat"),
      ),
    )
    return sse(Stream.concat(Stream.make("hello"), events))
  })
  const url = yield* serve(HttpRouter.add("GET", "/losing-events-of-a-race", subscribe()))
  const client = yield* stalled(`${url}/losing-events-of-a-race`)
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
