import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as PubSub from "effect/PubSub"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { calling } from "../calling.ts"
import type { Pair } from "../pair.ts"
import { becomes, settle } from "../stage.ts"

type Events = Stream.Stream<string>

/** Whoever hears that it is connected publishes at once what it has called for. */
const call = Effect.fnUntraced(function* (
  greet: (hello: Events, subscribing: Effect.Effect<Events, never, Scope.Scope>) => Events,
) {
  const bus = yield* PubSub.unbounded<string>()
  const subscribe = Effect.fn("subscribe")(function* () {
    return Stream.fromSubscription(yield* PubSub.subscribe(bus))
  })
  const hello = Stream.concat(
    Stream.make("connected"),
    Stream.drain(Stream.fromEffect(PubSub.publish(bus, "created"))),
  )
  const ticks = yield* calling("/greeting-of-a-call", greet(hello, subscribe()))
  const heard: Array<string> = []
  const client = yield* Effect.forkScoped(
    Stream.runForEach(ticks, (event) => Effect.sync(() => heard.push(event))),
  )
  yield* becomes(() => heard.length > 0)
  yield* Effect.sleep("50 millis")
  yield* PubSub.publish(bus, "updated")
  yield* becomes(() => heard.includes("updated"))
  yield* Fiber.interrupt(client)
  yield* settle
  return heard.includes("created")
})

export const pair: Pair = {
  rule: "late-subscription",
  place: "subscribe",
  alone: true,
  broken: call((hello, subscribing) => Stream.concat(hello, Stream.unwrap(subscribing))),
  fixed: call((hello, subscribing) =>
    Stream.unwrap(Effect.map(subscribing, (events) => Stream.concat(hello, events))),
  ),
}
