/** PubSubs that lose messages which nobody misses. */
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { ask, stalled } from "../clients.ts"
import type { Program } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse, ticking } from "../stage.ts"

/** A client has stopped reading. What waits for it is the latest value, and nobody waits for the client. */
const aStalledLatestValue: Program = Effect.gen(function* () {
  const latest = yield* PubSub.sliding<string>({ capacity: 1, replay: 1 })
  const watch = Effect.fn("watch")(function* () {
    return sse(Stream.fromSubscription(yield* PubSub.subscribe(latest)))
  })
  const url = yield* serve(HttpRouter.add("GET", "/a-stalled-latest-value", watch()))
  let published = 0
  const publish = Effect.tap(PubSub.publish(latest, "x".repeat(100_000)), () =>
    Effect.sync(() => published++),
  )
  yield* Effect.forkScoped(Effect.forever(Effect.delay(publish, "5 millis")))
  const client = yield* stalled(`${url}/a-stalled-latest-value`)
  yield* settle
  const before = published
  yield* settle
  yield* client.leave
  yield* settle
  return published > before
})

/** A body waits for what it needs to know, and goes on with something else. It keeps what it waited on. */
const aWaitForAMoment: Program = Effect.gen(function* () {
  const bus = yield* PubSub.sliding<string>(16)
  yield* ticking(bus, "tick", 5)
  const watch = Effect.fn("watch")(function* () {
    const ticks = Stream.fromSubscription(yield* PubSub.subscribe(bus))
    const rows = Stream.map(Stream.fromSchedule(Schedule.spaced("30 millis")), () => "row")
    return sse(Stream.concat(Stream.take(ticks, 3), Stream.take(rows, 30)))
  })
  const url = yield* serve(HttpRouter.add("GET", "/a-wait-for-a-moment", watch()))
  const answer = yield* ask(`${url}/a-wait-for-a-moment`)
  yield* settle
  return answer.count("tick") === 3 && answer.count("row") === 30
})

export const lossy = {
  "a-stalled-latest-value": aStalledLatestValue,
  "a-wait-for-a-moment": aWaitForAMoment,
}
