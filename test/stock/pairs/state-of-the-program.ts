import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as SubscriptionRef from "effect/SubscriptionRef"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { heartbeats, settle, sse } from "../stage.ts"

type Polling = Effect.Effect<never, Error>

/** One fiber keeps a state up to date that all clients watch; its fifth poll fails. */
const watch = Effect.fnUntraced(function* (keep: (polling: Polling) => Polling) {
  const state = yield* SubscriptionRef.make(0)
  let polls = 0
  const poll = Effect.fn("poll")(function* () {
    for (;;) {
      yield* Effect.sleep("30 millis")
      if (++polls === 5) return yield* Effect.fail(new Error("no access"))
      yield* SubscriptionRef.set(state, polls)
    }
  })
  yield* Effect.forkScoped(keep(poll()))
  const follow = Effect.fn("follow")(function* () {
    const states = Stream.map(SubscriptionRef.changes(state), String)
    return sse(Stream.merge(states, heartbeats, { haltStrategy: "left" }))
  })
  const url = yield* serve(HttpRouter.add("GET", "/state-of-the-program", follow()))
  const client = yield* connected(`${url}/state-of-the-program`)
  const right = yield* client.until((it) => it.count("9") > 0)
  yield* settle
  yield* client.leave
  yield* settle
  return right
})

export const pair: Pair = {
  rule: "unobserved-failure",
  alone: true,
  place: "poll",
  broken: watch((polling) => polling),
  fixed: watch((polling) => Effect.retry(polling, Schedule.spaced("30 millis"))),
}
