import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { subscribeTraced, tracedPubSub } from "../../otel/index.ts"
import { starvedStream } from "../../otel/lifetimes/rules/starved-stream.ts"
import type { Scenario } from "./scenario.ts"
import { connected, gracePassed, heartbeat, serving, sse } from "./stage.ts"

const makeBus = PubSub.sliding<string>(64).pipe(tracedPubSub("bus"))

/** A client watches while the bus is replaced, as by a reload of the configuration. */
const watch = Effect.fnUntraced(function* (haltStrategy: Stream.HaltStrategy) {
  let bus = yield* makeBus
  const reload = Effect.gen(function* () {
    const old = bus
    bus = yield* makeBus
    yield* PubSub.shutdown(old)
  })
  const handler = Effect.suspend(() =>
    Effect.map(subscribeTraced(bus), (subscription) =>
      sse(
        "event",
        Stream.merge(Stream.fromSubscription(subscription), heartbeat, { haltStrategy }),
      ),
    ),
  )
  const server = yield* serving(HttpRouter.add("GET", "/event", handler))
  const client = yield* connected(`${server}/event`)
  yield* reload
  yield* PubSub.publish(bus, "session.created")
  yield* gracePassed
  yield* client.leave
})

export const scenario: Scenario = {
  rule: starvedStream,
  summary: "Heartbeats keep a stream open whose bus has been replaced by another.",
  repair: "The merge halts with the events, not with the heartbeats: the stream ends with its bus.",
  // Ends when the events and the heartbeats have ended.
  broken: watch("both"),
  // Ends with the events.
  fixed: watch("left"),
}
