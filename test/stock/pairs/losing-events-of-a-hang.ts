import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse } from "../stage.ts"

/** What a body asks for each event does not answer any more; the body waits for it, or goes on without it. */
const watch = Effect.fnUntraced(function* (
  patiently: (asked: Effect.Effect<string>) => Effect.Effect<string>,
) {
  const bus = yield* PubSub.sliding<string>(16)
  let asked = 0
  const ask = (event: string) =>
    Effect.suspend(() => (++asked === 3 ? Effect.never : Effect.succeed(event)))
  const subscribe = Effect.fn("subscribe")(function* () {
    const events = Stream.fromSubscription(yield* PubSub.subscribe(bus))
    const asking = Stream.mapEffect(events, (event) => patiently(ask(event)))
    return sse(Stream.concat(Stream.make("hello"), asking))
  })
  const url = yield* serve(HttpRouter.add("GET", "/losing-events-of-a-hang", subscribe()))
  const client = yield* connected(`${url}/losing-events-of-a-hang`)
  let isServed = true
  for (let event = 1; event <= 50; event++) {
    yield* PubSub.publish(bus, "tick")
    const hasAll = client.until((it) => it.count("tick") + it.count("no answer") === event)
    isServed = isServed && (yield* hasAll)
  }
  const right = isServed && client.count("tick") === 49
  yield* settle
  yield* client.leave
  yield* settle
  return right
})

export const pair: Pair = {
  rule: "slow-consumer",
  place: "subscribe",
  broken: watch((asked) => asked),
  fixed: watch((asked) =>
    Effect.timeoutOrElse(asked, {
      duration: "50 millis",
      orElse: () => Effect.succeed("no answer"),
    }),
  ),
}
