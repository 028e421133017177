import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as PubSub from "effect/PubSub"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { subscribeTraced, tracedPubSub } from "../../otel/index.ts"
import { slowConsumer } from "../../otel/lifetimes/rules/slow-consumer.ts"
import type { Scenario } from "./scenario.ts"
import { gracePassed, serving, sse, stalled } from "./stage.ts"

type Events = PubSub.Subscription<string>

/** Resets the connection of a client for which more than 200 events wait. */
const resetWhenBehind = Effect.fnUntraced(function* (subscription: Events) {
  const request = yield* HttpServerRequest.HttpServerRequest
  yield* PubSub.remaining(subscription).pipe(
    Effect.repeat({ schedule: Schedule.spaced("1 millis"), until: (waiting) => waiting > 200 }),
    Effect.andThen(Effect.sync(() => NodeHttpServerRequest.toServerResponse(request).destroy())),
    Effect.forkScoped,
  )
})

/** A client stops to read, and events of 16 KB are published for it: 2,400 in half a second. */
const watch = Effect.fnUntraced(function* (
  guard: (subscription: Events) => ReturnType<typeof resetWhenBehind> | Effect.Effect<void>,
) {
  const bus = yield* PubSub.unbounded<string>().pipe(tracedPubSub("bus"))
  const handler = Effect.gen(function* () {
    const subscription = yield* subscribeTraced(bus)
    yield* guard(subscription)
    const hello = Stream.make("server.connected")
    return sse("event", Stream.concat(hello, Stream.fromSubscription(subscription)))
  })
  const server = yield* serving(HttpRouter.add("GET", "/event", handler))
  const leave = yield* stalled(`${server}/event`)
  const event = "x".repeat(16 * 1024)
  for (let batch = 0; batch < 40; batch++) {
    yield* PubSub.publishAll(
      bus,
      Array.from({ length: 60 }, () => event),
    )
    yield* Effect.sleep("10 millis")
  }
  yield* gracePassed
  yield* leave
  yield* gracePassed
})

export const scenario: Scenario = {
  rule: slowConsumer,
  summary: "Events pile up without a bound for a client that does not read.",
  repair: "The connection of a client for which more than 200 events wait is reset.",
  broken: watch(() => Effect.void),
  fixed: watch(resetWhenBehind),
}
