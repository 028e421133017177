/** Pairs of programs in which a fiber of a collection feeds all streams. */
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { connected } from "./clients.ts"
import type { Pair } from "./pair.ts"
import { serve } from "./serving.ts"
import { heartbeats, settle, sse } from "./stage.ts"

type Polling = Effect.Effect<never, Error>
type Run = Effect.Effect<(polling: Polling) => Effect.Effect<unknown>, never, Scope.Scope>

/** What the program polls for all runs in a collection of fibers, which nobody joins; its fifth poll fails. */
const watch = Effect.fnUntraced(function* (
  name: string,
  makeRun: Run,
  keep: (polling: Polling) => Polling,
) {
  const run = yield* makeRun
  const bus = yield* PubSub.sliding<string>(64)
  let polls = 0
  const poll = Effect.fn("poll")(function* () {
    for (;;) {
      yield* PubSub.publish(bus, "record")
      yield* Effect.sleep("30 millis")
      if (++polls === 5) return yield* Effect.fail(new Error("no access"))
    }
  })
  const records = Effect.fn("records")(function* () {
    const events = Stream.fromSubscription(yield* PubSub.subscribe(bus))
    return sse(Stream.merge(events, heartbeats, { haltStrategy: "left" }))
  })
  const url = yield* serve(HttpRouter.add("GET", `/${name}`, records()))
  yield* run(keep(poll()))
  const client = yield* connected(`${url}/${name}`)
  const right = yield* client.until((it) => it.count("record") > 8)
  yield* settle
  yield* client.leave
  yield* settle
  return right
})

export const pairOf = (name: string, makeRun: Run): Pair => ({
  rule: "unobserved-failure",
  alone: true,
  broken: watch(name, makeRun, (polling) => polling),
  fixed: watch(name, makeRun, (polling) => Effect.retry(polling, Schedule.spaced("30 millis"))),
})
