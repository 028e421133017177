import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse, ticking } from "../stage.ts"

type Relay = PubSub.PubSub<string>

/** Shuts down with the scope in which it was made. */
const makeRelay = Effect.fn("makeRelay")(function* () {
  const relay = yield* Effect.acquireRelease(PubSub.sliding<string>(64), PubSub.shutdown)
  yield* ticking(relay, "tick")
  return relay
})

const watch = Effect.fnUntraced(function* (
  make: (program: Scope.Scope) => Effect.Effect<Relay, never, Scope.Scope>,
) {
  const program = yield* Effect.scope
  let relay: Relay | undefined
  const ticks = Effect.fn("ticks")(function* () {
    relay ??= yield* make(program)
    return sse(Stream.fromSubscription(yield* PubSub.subscribe(relay)))
  })
  const url = yield* serve(HttpRouter.add("GET", "/relay-of-the-first", ticks()))
  const first = yield* connected(`${url}/relay-of-the-first`)
  const second = yield* connected(`${url}/relay-of-the-first`)
  yield* first.leave
  yield* settle
  const { length } = second.events
  const right = yield* second.until(({ events }) => events.length > length + 2)
  yield* second.leave
  yield* settle
  return right
})

export const pair: Pair = {
  rule: "upstream-bound-to-first-consumer",
  broken: watch(makeRelay),
  fixed: watch((program) => Scope.provide(makeRelay(), program)),
}
