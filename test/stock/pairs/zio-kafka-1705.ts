import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { heartbeats, settle, sse } from "../stage.ts"

type Polling = Effect.Effect<never, Error>

/** One fiber polls for all; its fifth poll fails. */
const watch = Effect.fnUntraced(function* (keep: (polling: Polling) => Polling) {
  const bus = yield* PubSub.sliding<string>(64)
  let polls = 0
  const poll = Effect.fn("poll")(function* () {
    for (;;) {
      yield* Effect.sleep("30 millis")
      if (++polls === 5) return yield* Effect.fail(new Error("no access"))
      yield* PubSub.publish(bus, "record")
    }
  })
  yield* Effect.forkScoped(keep(poll()))
  const records = Effect.fn("records")(function* () {
    const events = Stream.fromSubscription(yield* PubSub.subscribe(bus))
    return sse(Stream.merge(events, heartbeats, { haltStrategy: "left" }))
  })
  const url = yield* serve(HttpRouter.add("GET", "/zio-kafka-1705", records()))
  const client = yield* connected(`${url}/zio-kafka-1705`)
  const right = yield* client.until((it) => it.count("record") > 8)
  yield* settle
  yield* client.leave
  yield* settle
  return right
})

export const pair: Pair = {
  report: "zio/zio-kafka#1705",
  rule: "unobserved-failure",
  alone: true,
  place: "poll",
  broken: watch((polling) => polling),
  fixed: watch((polling) => Effect.retry(polling, Schedule.spaced("30 millis"))),
}
