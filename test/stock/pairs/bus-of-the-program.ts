import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse, ticking } from "../stage.ts"

type Bus = PubSub.PubSub<string>

/** Each request cleans up when its client leaves: what all read, or only what it made itself. */
const watch = Effect.fnUntraced(function* (
  cleanUp: (bus: Bus, own: Bus) => Effect.Effect<void, never, Scope.Scope>,
) {
  const bus = yield* PubSub.sliding<string>(64)
  yield* ticking(bus, "tick")
  const ticks = Effect.fn("ticks")(function* () {
    const own = yield* PubSub.sliding<string>(1)
    const subscription = yield* PubSub.subscribe(bus)
    yield* cleanUp(bus, own)
    return sse(
      Stream.merge(Stream.fromSubscription(subscription), Stream.fromPubSub(own), {
        haltStrategy: "left",
      }),
    )
  })
  const url = yield* serve(HttpRouter.add("GET", "/bus-of-the-program", ticks()))
  const first = yield* connected(`${url}/bus-of-the-program`)
  const second = yield* connected(`${url}/bus-of-the-program`)
  yield* first.leave
  yield* settle
  const { length } = second.events
  const goesOn = yield* second.until(({ events }) => events.length > length + 2)
  yield* second.leave
  const third = yield* connected(`${url}/bus-of-the-program`)
  const right = yield* third.until(({ events }) => goesOn && events.length > 2)
  yield* third.leave
  yield* settle
  return right
})

/** The finalizer of one request ends the streams of all. */
export const pair: Pair = {
  place: "ticks",
  rule: "upstream-bound-to-first-consumer",
  alone: true,
  broken: watch((bus) => Effect.addFinalizer(() => PubSub.shutdown(bus))),
  fixed: watch((_, own) => Effect.addFinalizer(() => PubSub.shutdown(own))),
}
