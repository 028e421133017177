import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { heartbeats, settle, sse } from "../stage.ts"

/** A client leaves a stream with heartbeats, and the platform tells of that or not. */
const watch = Effect.fnUntraced(function* (deaf: boolean) {
  const bus = yield* PubSub.sliding<string>(64)
  let streams = 0
  const events = Effect.fn("events")(function* () {
    const subscription = yield* Effect.acquireRelease(
      PubSub.subscribe(bus).pipe(
        Effect.tap(() =>
          Effect.sync(() => {
            streams++
          }),
        ),
      ),
      () =>
        Effect.sync(() => {
          streams--
        }),
    )
    return sse(
      Stream.merge(Stream.fromSubscription(subscription), heartbeats, { haltStrategy: "left" }),
    )
  })
  const url = yield* serve(HttpRouter.add("GET", "/opencode-36311", events()), { deaf })
  const client = yield* connected(`${url}/opencode-36311`)
  yield* client.leave
  yield* settle
  yield* settle
  return streams === 0
})

export const pair: Pair = {
  report: "anomalyco/opencode#36311",
  rule: "disconnect-unseen",
  broken: watch(true),
  fixed: watch(false),
}
