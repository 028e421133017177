import { EventEmitter } from "node:events"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse } from "../stage.ts"

/** Every client adds a listener; who removes it is the application, or its request. */
const watch = Effect.fnUntraced(function* (
  inScope: <A>(
    listening: Effect.Effect<A, never, Scope.Scope>,
    application: Scope.Scope,
  ) => Effect.Effect<A, never, Scope.Scope>,
) {
  const application = yield* Effect.scope
  const bus = new EventEmitter()
  const listen = Effect.fn("listen")(function* (queue: Queue.Queue<string>) {
    const listener = (event: string) => {
      Queue.offerUnsafe(queue, event)
    }
    yield* Effect.acquireRelease(
      Effect.sync(() => bus.on("event", listener)),
      () => Effect.sync(() => bus.off("event", listener)),
    )
  })
  const subscribe = Effect.fn("subscribe")(function* () {
    const queue = yield* Queue.sliding<string>(16)
    yield* inScope(listen(queue), application)
    return sse(Stream.concat(Stream.make("hello"), Stream.fromQueue(queue)))
  })
  const url = yield* serve(HttpRouter.add("GET", "/opencode-15645-listeners", subscribe()))
  for (let one = 0; one < 4; one++) {
    const client = yield* connected(`${url}/opencode-15645-listeners`)
    yield* client.leave
  }
  yield* settle
  yield* settle
  return bus.listenerCount("event") === 0
})

export const pair: Pair = {
  report: "anomalyco/opencode#15645",
  rule: "scope-pile-up",
  place: "listen",
  broken: watch((listening, application) => Scope.provide(listening, application)),
  fixed: watch((listening) => listening),
}
