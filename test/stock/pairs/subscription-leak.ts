import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse } from "../stage.ts"

/** Each client subscribes, in the scope of the application or in one that its request closes. */
const watch = Effect.fnUntraced(function* (
  owner: (application: Scope.Scope) => Effect.Effect<Scope.Scope, never, Scope.Scope>,
) {
  const application = yield* Effect.scope
  const bus = yield* PubSub.bounded<string>(2)
  const subscribe = Effect.fn("subscribe")(function* () {
    const subscription = yield* Scope.provide(PubSub.subscribe(bus), yield* owner(application))
    return sse(Stream.concat(Stream.make("hello"), Stream.fromSubscription(subscription)))
  })
  const url = yield* serve(HttpRouter.add("GET", "/subscription-leak", subscribe()))
  for (let one = 0; one < 2; one++) {
    const client = yield* connected(`${url}/subscription-leak`)
    yield* client.leave
  }
  yield* settle
  // Nobody reads: it waits for ever where a subscription is left.
  const published = yield* PubSub.publishAll(bus, ["a", "b", "c"]).pipe(
    Effect.timeoutOption("100 millis"),
  )
  yield* settle
  return published._tag === "Some"
})

export const pair: Pair = {
  report: "anomalyco/opencode#27391",
  rule: "subscription-leak",
  broken: watch(Effect.succeed),
  fixed: watch((application) => Effect.acquireRelease(Scope.fork(application), Scope.close)),
}
