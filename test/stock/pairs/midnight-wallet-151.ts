import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as PubSub from "effect/PubSub"
import * as Scope from "effect/Scope"
import { ask } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle } from "../stage.ts"

/** Takes the first change and answers; the subscription is left to nobody, or closed. */
const first = Effect.fnUntraced(function* (
  afterwards: (own: Scope.Closeable) => Effect.Effect<void>,
) {
  const changes = yield* PubSub.bounded<string>({ capacity: 1, replay: 1 })
  yield* PubSub.publish(changes, "synced")
  const firstValue = Effect.fn("firstValue")(function* () {
    const own = yield* Scope.make()
    const subscription = yield* Scope.provide(PubSub.subscribe(changes), own)
    const value = yield* PubSub.take(subscription)
    yield* afterwards(own)
    return HttpServerResponse.text(value)
  })
  const url = yield* serve(HttpRouter.add("GET", "/midnight-wallet-151", firstValue()))
  yield* ask(`${url}/midnight-wallet-151`)
  yield* settle
  // Each update waits for the one that reads no more.
  const updates = PubSub.publishAll(changes, ["a", "b", "c"])
  const updated = yield* Effect.timeoutOption(updates, "100 millis")
  yield* settle
  return updated._tag === "Some"
})

export const pair: Pair = {
  report: "midnightntwrk/midnight-wallet#151",
  rule: "request-scope-leak",
  broken: first(() => Effect.void),
  fixed: first((own) => Scope.close(own, Exit.void)),
}
