import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { heartbeats, settle, sse } from "../stage.ts"

/** A reload replaces the bus under a client that has heartbeats. */
const watch = Effect.fnUntraced(function* (haltStrategy: Stream.HaltStrategy) {
  const makeBus = PubSub.sliding<string>(64)
  let bus = yield* makeBus
  const subscribe = Effect.fn("subscribe")(function* () {
    const events = Stream.fromSubscription(yield* PubSub.subscribe(bus))
    return sse(Stream.merge(events, heartbeats, { haltStrategy }))
  })
  const url = yield* serve(HttpRouter.add("GET", "/opencode-38458", subscribe()))
  const client = yield* connected(`${url}/opencode-38458`)
  const old = bus
  bus = yield* makeBus
  yield* PubSub.shutdown(old)
  yield* PubSub.publish(bus, "created")
  // Who reads the old one has to learn of it, and connects again.
  const right = yield* client.until(({ end }) => end !== "open")
  yield* client.leave
  yield* settle
  return right
})

export const pair: Pair = {
  report: "anomalyco/opencode#38458",
  rule: "starved-stream",
  broken: watch("both"),
  fixed: watch("left"),
}
