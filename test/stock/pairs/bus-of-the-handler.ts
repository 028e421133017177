import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as PubSub from "effect/PubSub"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse } from "../stage.ts"

type Response = HttpServerResponse.HttpServerResponse

const makeBus = PubSub.unbounded<string>()

/** A handler uses a PubSub as a resource, and its response reads it. There is no scope. */
const steps = Effect.fnUntraced(function* (
  around: (
    use: (bus: PubSub.PubSub<string>) => Effect.Effect<Response, never, Scope.Scope>,
  ) => Effect.Effect<Response, never, Scope.Scope>,
) {
  const handler = Effect.fn("steps")(function* () {
    return yield* around(
      Effect.fnUntraced(function* (bus) {
        const subscription = yield* PubSub.subscribe(bus)
        yield* Effect.forkScoped(Effect.forever(Effect.delay(PubSub.publish(bus, "step"), 20)))
        return sse(Stream.concat(Stream.make("hello"), Stream.fromSubscription(subscription)))
      }),
    )
  })
  const url = yield* serve(HttpRouter.add("GET", "/bus-of-the-handler", handler()))
  const client = yield* connected(`${url}/bus-of-the-handler`)
  yield* client.until(({ end }) => end !== "open" || client.count("step") > 1)
  const isServed = client.count("step") > 1
  yield* client.leave
  yield* settle
  return isServed
})

export const pair: Pair = {
  rule: "scope-closed-early",
  place: "steps",
  broken: steps((use) => Effect.acquireUseRelease(makeBus, use, PubSub.shutdown)),
  fixed: steps((use) => Effect.flatMap(Effect.acquireRelease(makeBus, PubSub.shutdown), use)),
}
