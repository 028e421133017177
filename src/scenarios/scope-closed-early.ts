import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { subscribeTraced, tracedPubSub, tracedScope } from "../../otel/index.ts"
import { scopeClosedEarly } from "../../otel/lifetimes/rules/scope-closed-early.ts"
import type { Scenario } from "./scenario.ts"
import { connected, gracePassed, serving, sse } from "./stage.ts"

const bus = PubSub.sliding<string>(64).pipe(tracedPubSub("bus"))

const subscribe = Effect.fnUntraced(function* (pubsub: PubSub.PubSub<string>) {
  const subscription = yield* subscribeTraced(pubsub)
  return sse(
    "event",
    Stream.concat(Stream.make("server.connected"), Stream.fromSubscription(subscription)),
  )
})

/** A client connects, and stays for as long as it can. */
const watch = Effect.fnUntraced(function* (
  handler: (pubsub: PubSub.PubSub<string>) => ReturnType<typeof subscribe>,
) {
  const pubsub = yield* bus
  const server = yield* serving(HttpRouter.add("GET", "/event", handler(pubsub)))
  const client = yield* connected(`${server}/event`)
  yield* gracePassed
  yield* client.leave
  yield* gracePassed
})

export const scenario: Scenario = {
  rule: scopeClosedEarly,
  summary: "A handler wrapped in Effect.scoped subscribes, and streams what it has subscribed to.",
  repair:
    "The handler subscribes in the request's own scope, which closes when the body has ended.",
  broken: watch((pubsub) => subscribe(pubsub).pipe(tracedScope("handler"))),
  fixed: watch(subscribe),
}
