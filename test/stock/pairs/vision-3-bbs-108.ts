import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import type { HttpServerResponse } from "effect/http/HttpServerResponse"
import * as PubSub from "effect/PubSub"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse } from "../stage.ts"

type Events = Stream.Stream<string>

const flushed = Stream.make("flushed")

/** The head and a comment are flushed, and 100 ms later the client is registered; or the other way round. */
const broadcast = Effect.fnUntraced(function* (
  respond: (
    registered: Effect.Effect<Events, never, Scope.Scope>,
  ) => Effect.Effect<HttpServerResponse, never, Scope.Scope>,
) {
  const bus = yield* PubSub.sliding<string>(64)
  const register = Effect.fn("register")(function* () {
    yield* Effect.sleep("100 millis")
    return Stream.fromSubscription(yield* PubSub.subscribe(bus))
  })
  const url = yield* serve(HttpRouter.add("GET", "/vision-3-bbs-108", respond(register())))
  const client = yield* connected(`${url}/vision-3-bbs-108`)
  yield* PubSub.publish(bus, "first")
  yield* Effect.sleep("150 millis")
  yield* PubSub.publish(bus, "second")
  yield* client.until(({ events }) => events.includes("second"))
  const right = client.events.includes("first")
  yield* client.leave
  yield* settle
  return right
})

export const pair: Pair = {
  report: "ViSiON-3/vision-3-bbs#108",
  rule: "late-subscription",
  place: "register",
  broken: broadcast((registered) =>
    Effect.succeed(sse(Stream.concat(flushed, Stream.unwrap(registered)))),
  ),
  fixed: broadcast((registered) =>
    Effect.map(registered, (events) => sse(Stream.concat(flushed, events))),
  ),
}
