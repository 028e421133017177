import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse } from "../stage.ts"

const upstream = Stream.map(Stream.fromSchedule(Schedule.spaced("25 millis")), String)

type Start = (
  pumping: Effect.Effect<void>,
  program: Scope.Scope,
) => Effect.Effect<unknown, never, Scope.Scope>

/** Whoever is first starts the fiber that feeds everybody, in the middle of a stream. */
const share = Effect.fnUntraced(function* (start: Start) {
  const program = yield* Effect.scope
  const bus = yield* PubSub.unbounded<string>()
  const pump = Effect.fn("pump")(function* () {
    yield* Stream.runForEach(upstream, (tick) => PubSub.publish(bus, tick))
  })
  let started = false
  const shared = Stream.unwrap(
    Effect.gen(function* () {
      if (!started) {
        started = true
        yield* start(pump(), program)
      }
      return Stream.fromPubSub(bus)
    }),
  )
  const url = yield* serve(HttpRouter.add("GET", "/effect-3187", Effect.succeed(sse(shared))))
  const first = yield* connected(`${url}/effect-3187`)
  const second = yield* connected(`${url}/effect-3187`)
  yield* first.leave
  yield* settle
  const { length } = second.events
  const right = yield* second.until(({ events }) => events.length > length + 2)
  yield* second.leave
  yield* settle
  return right
})

export const pair: Pair = {
  report: "Effect-TS/effect#3187",
  rule: "upstream-bound-to-first-consumer",
  broken: share((pumping) => Effect.forkScoped(pumping)),
  fixed: share((pumping, program) => Effect.forkIn(pumping, program)),
}
