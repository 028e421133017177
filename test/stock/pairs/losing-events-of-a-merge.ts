import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { heartbeats, settle, sse } from "../stage.ts"

/** The same beside heartbeats: a fork of the body looks up, and the body is asked for more all the time. */
const watch = Effect.fnUntraced(function* (capacity: number) {
  const bus = yield* PubSub.sliding<string>(capacity)
  const answered = yield* Deferred.make<void>()
  const subscribe = Effect.fn("subscribe")(function* () {
    const events = Stream.fromSubscription(yield* PubSub.subscribe(bus))
    const slowly = Stream.mapEffect(events, (event) => Effect.as(Deferred.await(answered), event))
    return sse(Stream.merge(Stream.concat(Stream.make("hello"), slowly), heartbeats))
  })
  const url = yield* serve(HttpRouter.add("GET", "/losing-events-of-a-merge", subscribe()))
  const client = yield* connected(`${url}/losing-events-of-a-merge`)
  for (let event = 1; event < 100; event++) yield* PubSub.publish(bus, "tick")
  yield* PubSub.publish(bus, "last")
  yield* Deferred.succeed(answered, undefined)
  yield* client.until((it) => it.count("last") === 1)
  const right = client.count("tick") === 99
  yield* client.leave
  yield* settle
  return right
})

export const pair: Pair = {
  rule: "slow-consumer",
  place: "subscribe",
  broken: watch(16),
  fixed: watch(128),
}
