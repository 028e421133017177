/** Scopes within a request that close while it goes on. */
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Program } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse, ticking } from "../stage.ts"

type Bus = PubSub.PubSub<string>

/** What a handler does before it answers with an event stream. */
const before = (path: `/${string}`, prepare: (bus: Bus) => Effect.Effect<unknown>): Program =>
  Effect.gen(function* () {
    const bus = yield* PubSub.sliding<string>(64)
    yield* ticking(bus, "tick")
    const subscribe = Effect.fn("subscribe")(function* () {
      const subscription = yield* PubSub.subscribe(bus)
      yield* prepare(bus)
      return sse(Stream.fromSubscription(subscription))
    })
    const url = yield* serve(Layer.mergeAll(HttpRouter.add("GET", path, subscribe())))
    const client = yield* connected(url + path)
    const right = yield* client.until((it) => it.count("tick") > 2)
    yield* client.leave
    yield* settle
    return right
  })

/** The first event of a subscription of its own. */
const firstOf = (bus: Bus) => Effect.scoped(Effect.flatMap(PubSub.subscribe(bus), PubSub.take))

const never = Effect.scoped(
  Effect.flatMap(Queue.unbounded<string>(), (queue) =>
    Effect.andThen(
      Effect.addFinalizer(() => Queue.shutdown(queue)),
      Queue.take(queue),
    ),
  ),
)

/** Parts of a body that time out, race and are replaced. */
const within = (
  path: `/${string}`,
  through: (events: Stream.Stream<string>) => Stream.Stream<string>,
): Program =>
  Effect.gen(function* () {
    const bus = yield* PubSub.sliding<string>(64)
    yield* ticking(bus, "tick")
    const subscribe = Effect.fn("subscribe")(function* () {
      return sse(through(Stream.fromSubscription(yield* PubSub.subscribe(bus))))
    })
    const url = yield* serve(HttpRouter.add("GET", path, subscribe()))
    const client = yield* connected(url + path)
    const right = yield* client.until((it) => it.events.length > 2)
    yield* client.leave
    yield* settle
    return right
  })

const lookUp = (event: string) =>
  Effect.raceFirst(Effect.as(Effect.sleep("5 millis"), event), Effect.as(never, "never"))

export const races = {
  "a-race": before("/a-race", (bus) => Effect.raceFirst(firstOf(bus), never)),
  "a-timeout": before("/a-timeout", () => Effect.timeoutOption(never, "40 millis")),
  "a-race-of-all": before("/a-race-of-all", (bus) =>
    Effect.all([firstOf(bus), firstOf(bus), Effect.timeoutOption(never, "40 millis")], {
      concurrency: "unbounded",
    }),
  ),
  "a-race-in-a-body": within("/a-race-in-a-body", Stream.mapEffect(lookUp)),
  "a-switch-in-a-body": within("/a-switch-in-a-body", (events) =>
    Stream.switchMap(events, (event) => Stream.make(event, event)),
  ),
}
