import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse } from "../stage.ts"

type Start = (
  beating: Effect.Effect<void>,
  application: Scope.Scope,
) => Effect.Effect<unknown, never, Scope.Scope>

/** Every client has a fiber that sends heartbeats, in the scope of the application or of its request. */
const watch = Effect.fnUntraced(function* (start: Start) {
  const application = yield* Effect.scope
  let beating = 0
  const beat = Effect.fnUntraced(function* (queue: Queue.Queue<string>) {
    yield* Effect.acquireRelease(
      Effect.sync(() => ++beating),
      () => Effect.sync(() => --beating),
    )
    for (;;) yield* Effect.delay(Queue.offer(queue, "heartbeat"), "40 millis")
  }, Effect.scoped)
  const subscribe = Effect.fn("subscribe")(function* () {
    const queue = yield* Queue.sliding<string>(4)
    yield* start(beat(queue), application)
    return sse(Stream.concat(Stream.make("hello"), Stream.fromQueue(queue)))
  })
  const url = yield* serve(HttpRouter.add("GET", "/opencode-15645-heartbeats", subscribe()))
  for (let one = 0; one < 4; one++) {
    const client = yield* connected(`${url}/opencode-15645-heartbeats`)
    yield* client.leave
  }
  yield* settle
  yield* settle
  return beating === 0
})

export const pair: Pair = {
  report: "anomalyco/opencode#15645",
  rule: "scope-pile-up",
  place: "subscribe",
  broken: watch((beating, application) => Effect.forkIn(beating, application)),
  fixed: watch((beating) => Effect.forkScoped(beating)),
}
