import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse } from "../stage.ts"

/** One fiber closes the scopes of clients that disconnect: of the first, or of all. */
const watch = Effect.fnUntraced(function* (
  forward: (one: Effect.Effect<void>) => Effect.Effect<void>,
) {
  const bus = yield* PubSub.sliding<string>(64)
  const disconnects = yield* Queue.unbounded<Scope.Closeable>()
  const close = Effect.flatMap(Queue.take(disconnects), (client) => Scope.close(client, Exit.void))
  yield* Effect.forkScoped(forward(close))
  let open = 0
  const request = Effect.fn("request")(function* () {
    const client = yield* Scope.make()
    yield* Effect.addFinalizer(() => Queue.offer(disconnects, client))
    yield* Scope.addFinalizer(
      client,
      Effect.sync(() => {
        open--
      }),
    )
    open++
    const subscription = yield* Scope.provide(PubSub.subscribe(bus), client)
    return sse(Stream.concat(Stream.make("hello"), Stream.fromSubscription(subscription)))
  })
  const url = yield* serve(HttpRouter.add("GET", "/effect-7342", request()))
  for (let one = 0; one < 3; one++) {
    const client = yield* connected(`${url}/effect-7342`)
    yield* client.leave
  }
  yield* settle
  yield* settle
  return open === 0
})

export const pair: Pair = {
  report: "Effect-TS/effect#7342",
  rule: "request-scope-leak",
  broken: watch((one) => one),
  fixed: watch(Effect.forever),
}
