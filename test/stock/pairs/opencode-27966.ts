import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { heartbeats, settle, sse } from "../stage.ts"

const makeBus = Effect.fn("makeBus")(function* () {
  return yield* PubSub.sliding<string>(64)
})

type Bus = PubSub.PubSub<string>

/** The server reads one bus; what is synchronized is published to that, or to another like it. */
const watch = Effect.fnUntraced(function* (busOfSync: (read: Bus) => Effect.Effect<Bus>) {
  const bus = yield* makeBus()
  const other = yield* busOfSync(bus)
  const subscribe = Effect.fn("subscribe")(function* () {
    const events = Stream.fromSubscription(yield* PubSub.subscribe(bus))
    return sse(Stream.merge(events, heartbeats, { haltStrategy: "left" }))
  })
  const url = yield* serve(HttpRouter.add("GET", "/opencode-27966", subscribe()))
  const client = yield* connected(`${url}/opencode-27966`)
  for (let one = 0; one < 5; one++) yield* PubSub.publish(other, "updated")
  const right = yield* client.until((it) => it.count("updated") === 5)
  yield* settle
  yield* client.leave
  yield* settle
  return right
})

export const pair: Pair = {
  report: "anomalyco/opencode#27966",
  rule: "starved-stream",
  broken: watch(makeBus),
  fixed: watch(Effect.succeed),
}
