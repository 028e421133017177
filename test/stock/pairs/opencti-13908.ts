import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { stalled } from "../clients.ts"
import { floodAndWait } from "../flood.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse } from "../stage.ts"

/** A client stops to read; what waits for it is thrown away where that is more than 200, or kept. */
const watch = Effect.fnUntraced(function* (bounded: boolean) {
  const bus = yield* PubSub.unbounded<string>()
  let most = 0
  const subscribe = Effect.fn("subscribe")(function* () {
    const subscription = yield* PubSub.subscribe(bus)
    const look = Effect.gen(function* () {
      for (;;) {
        const waiting = yield* PubSub.remaining(subscription)
        most = Math.max(most, waiting)
        if (bounded && waiting > 200) yield* PubSub.takeAll(subscription)
        yield* Effect.sleep("5 millis")
      }
    })
    yield* Effect.forkScoped(look)
    return sse(Stream.concat(Stream.make("hello"), Stream.fromSubscription(subscription)))
  })
  const url = yield* serve(HttpRouter.add("GET", "/opencti-13908", subscribe()))
  const client = yield* stalled(`${url}/opencti-13908`)
  yield* floodAndWait((event) => PubSub.publish(bus, event))
  yield* settle
  yield* client.leave
  yield* settle
  return most < 1000
})

export const pair: Pair = {
  report: "OpenCTI-Platform/opencti#13908",
  rule: "slow-consumer",
  broken: watch(false),
  fixed: watch(true),
}
