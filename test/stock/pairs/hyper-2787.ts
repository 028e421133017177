import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { staying } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse, ticking } from "../stage.ts"

type Bus = PubSub.PubSub<string>

const bye = "bye"

/** The program stops under an open stream, which somebody ends or nobody. */
const stop = Effect.fnUntraced(function* (
  prepare: (bus: Bus) => Effect.Effect<unknown, never, Scope.Scope>,
) {
  const bus = yield* PubSub.sliding<string>(64)
  yield* ticking(bus, "tick")
  const ticks = Effect.fn("ticks")(function* () {
    const events = Stream.fromSubscription(yield* PubSub.subscribe(bus))
    return sse(Stream.takeUntil(events, (event) => event === bye))
  })
  const url = yield* serve(HttpRouter.add("GET", "/hyper-2787", ticks()), { grace: "2000 millis" })
  yield* prepare(bus)
  yield* staying(`${url}/hyper-2787`)
  yield* settle
  return true
})

export const pair: Pair = {
  report: "hyperium/hyper#2787",
  rule: "shutdown-held-open",
  place: "ticks",
  alone: true,
  broken: stop(() => Effect.void),
  fixed: stop((bus) => Effect.addFinalizer(() => PubSub.publish(bus, bye))),
}
