import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse } from "../stage.ts"

/** The fiber that publishes for all meets a defect, which `Effect.retry` alone does not start again. */
const watch = Effect.fnUntraced(function* (
  again: (polling: Effect.Effect<never>) => Effect.Effect<never>,
) {
  const bus = yield* PubSub.unbounded<string>()
  let count = 0
  const read = Effect.sync(() => {
    count++
    if (count === 3) throw new TypeError("prices is undefined")
    return `price ${count}`
  })
  const poll = Effect.fn("poll")(() =>
    Effect.forever(
      Effect.delay(
        Effect.flatMap(read, (price) => PubSub.publish(bus, price)),
        30,
      ),
    ),
  )
  const prices = Effect.map(PubSub.subscribe(bus), (subscription) =>
    sse(Stream.concat(Stream.make("hello"), Stream.fromSubscription(subscription))),
  )
  const url = yield* serve(HttpRouter.add("GET", "/defect-of-a-feeder", prices))
  const client = yield* connected(`${url}/defect-of-a-feeder`)
  yield* Effect.forkScoped(again(poll()))
  const right = yield* client.until(({ events }) => events.includes("price 5"))
  yield* client.leave
  yield* settle
  return right
})

const soon = Schedule.spaced("30 millis")

export const pair: Pair = {
  rule: "unobserved-failure",
  alone: true,
  place: "poll",
  broken: watch((polling) => Effect.retry(polling, soon)),
  fixed: watch((polling) => Effect.orDie(Effect.retry(Effect.sandbox(polling), soon))),
}
