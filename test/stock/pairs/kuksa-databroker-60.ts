import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { connected, stalled } from "../clients.ts"
import { flood } from "../flood.ts"
import type { Pair } from "../pair.ts"
import { within } from "../running-time.ts"
import { serve } from "../serving.ts"
import { settle, sse } from "../stage.ts"

/** One client stops to read. Where its bus waits for it, another that reads gets nothing any more. */
const watch = Effect.fnUntraced(function* (
  makeBus: Effect.Effect<PubSub.PubSub<string>>,
  own: (events: Stream.Stream<string>) => Stream.Stream<string>,
) {
  const bus = yield* makeBus
  const subscribe = Effect.fn("subscribe")(function* () {
    const events = own(Stream.fromSubscription(yield* PubSub.subscribe(bus)))
    return sse(Stream.concat(Stream.make("hello"), events))
  })
  const url = yield* serve(HttpRouter.add("GET", "/kuksa-databroker-60", subscribe()))
  const reader = yield* connected(`${url}/kuksa-databroker-60`)
  const sleeper = yield* stalled(`${url}/kuksa-databroker-60`)
  const publishing = yield* Effect.forkScoped(flood((event) => PubSub.publish(bus, event), 20))
  yield* within(Fiber.await(publishing), 1_500)
  yield* settle
  const right = yield* reader.until(({ events }) => events.length === 1201)
  yield* sleeper.leave
  yield* reader.leave
  yield* settle
  return right
})

export const pair: Pair = {
  report: "eclipse-kuksa/kuksa-databroker#60",
  rule: "slow-consumer",
  broken: watch(PubSub.bounded<string>(16), (events) => events),
  fixed: watch(PubSub.bounded<string>(16), Stream.buffer({ capacity: 4096 })),
}
