import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { subscribeTraced, tracedPubSub } from "../../otel/index.ts"
import { serverEndedStream } from "../../otel/lifetimes/rules/server-ended-stream.ts"
import type { Scenario } from "./scenario.ts"
import { connected, gracePassed, serving, sse } from "./stage.ts"

type Event = { readonly type: string; readonly size: bigint | number }

/** JSON knows no bigint, and says so with an exception. */
const encode = (event: Event) =>
  Effect.try({
    try: () => JSON.stringify(event),
    catch: (cause) => new Error(`An event cannot be sent: ${cause}`),
  })

/** A client watches, and one of three events cannot be encoded. */
const watch = Effect.fnUntraced(function* (send: (event: Event) => Effect.Effect<string, Error>) {
  const bus = yield* PubSub.sliding<Event>(64).pipe(tracedPubSub("bus"))
  const handler = Effect.map(subscribeTraced(bus), (subscription) =>
    sse(
      "event",
      Stream.concat(
        Stream.make("server.connected"),
        Stream.mapEffect(Stream.fromSubscription(subscription), send),
      ),
    ),
  )
  const server = yield* serving(HttpRouter.add("GET", "/event", handler))
  const client = yield* connected(`${server}/event`)
  for (const size of [1, 2n, 3]) yield* PubSub.publish(bus, { type: "file.changed", size })
  yield* gracePassed
  yield* client.leave
  yield* gracePassed
})

export const scenario: Scenario = {
  rule: serverEndedStream,
  summary: "One event that cannot be encoded fails the stream of everybody who is watching.",
  repair:
    "The error is caught event by event: its message is sent instead, and the stream goes on.",
  broken: watch(encode),
  fixed: watch((event) => Effect.catch(encode(event), (error) => Effect.succeed(error.message))),
}
