import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import * as RcRef from "effect/RcRef"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse, ticking } from "../stage.ts"

type Topic = PubSub.PubSub<string>

/** A topic that is there as long as somebody holds it: the handler, or the request. */
const watch = Effect.fnUntraced(function* (
  hold: (get: Effect.Effect<Topic, never, Scope.Scope>) => Effect.Effect<Topic, never, Scope.Scope>,
) {
  const acquire = Effect.gen(function* () {
    const made = yield* Effect.acquireRelease(PubSub.sliding<string>(64), PubSub.shutdown)
    yield* ticking(made, "tick")
    return made
  })
  const topic = yield* RcRef.make({ acquire })
  const listen = Effect.fn("listen")(function* () {
    const subscription = yield* PubSub.subscribe(yield* hold(RcRef.get(topic)))
    return sse(Stream.concat(Stream.make("hello"), Stream.fromSubscription(subscription)))
  })
  const url = yield* serve(HttpRouter.add("GET", "/counted-in-a-nested-scope", listen()))
  const client = yield* connected(`${url}/counted-in-a-nested-scope`)
  const right = yield* client.until((it) => it.count("tick") > 2)
  yield* client.leave
  yield* settle
  return right
})

export const pair: Pair = {
  rule: "scope-closed-early",
  place: "listen",
  broken: watch(Effect.scoped),
  fixed: watch((get) => get),
}
