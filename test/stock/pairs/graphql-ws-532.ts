import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { asking } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { becomes, settle, sse } from "../stage.ts"

/** Its client leaves while a subscription is made: that is entered where nobody looks any more, or closed. */
const resolve = Effect.fnUntraced(function* (entersLate: boolean) {
  const bus = yield* PubSub.sliding<string>(64)
  let open = 0
  let made = 0
  const makeSubscription = Effect.fn("makeSubscription")(function* (own: Scope.Scope) {
    open++
    made++
    yield* Scope.addFinalizer(
      own,
      Effect.sync(() => {
        open--
      }),
    )
    yield* Effect.sleep("150 millis")
    return yield* Scope.provide(PubSub.subscribe(bus), own)
  }, Effect.uninterruptible)
  const subscribe = Effect.fn("subscribe")(function* () {
    const subscriptions: Array<Scope.Closeable> = []
    const own = yield* Scope.make()
    if (!entersLate) subscriptions.push(own)
    // What to close is known when the client has left.
    yield* Effect.addFinalizer(() =>
      Effect.forEach(subscriptions, (one) => Scope.close(one, Exit.void)),
    )
    const subscription = yield* makeSubscription(own)
    subscriptions.push(own)
    return sse(Stream.concat(Stream.make("hello"), Stream.fromSubscription(subscription)))
  })
  const url = yield* serve(HttpRouter.add("GET", "/graphql-ws-532", subscribe()))
  for (let one = 0; one < 3; one++) {
    const client = yield* asking(`${url}/graphql-ws-532`)
    yield* becomes(() => made > one)
    yield* client.leave
  }
  yield* settle
  yield* settle
  return open === 0
})

export const pair: Pair = {
  report: "enisdenjo/graphql-ws#532",
  rule: "request-scope-leak",
  broken: resolve(true),
  fixed: resolve(false),
}
