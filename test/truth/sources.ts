import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { eventsOf } from "./bus.ts"
import { asError, type Events } from "./events.ts"
import { polled, pumped, queued, relayed } from "./feeders.ts"
import { fill, numbered, rows } from "./files.ts"
import { iterate, listening } from "./listeners.ts"
import { nested } from "./parts.ts"
import type { Source } from "./plan.ts"
import { lazy, parked, subscribe, subscribed, throughReadable } from "./subscriptions.ts"
import type { World } from "./world.ts"

type Opened<A> = Effect.Effect<A, never, Scope.Scope>

/** Opens what the body of this client's response is going to read. */
export const openSource = (world: World, client: number, source: Source): Opened<Events> => {
  const { progress, ledger } = world
  const isReady = Effect.sync(() => progress.ready(client))
  const inHandler = (events: Opened<Events>) => Effect.tap(events, isReady)
  switch (source.from) {
    case "subscription":
      return inHandler(subscribed(world, client, source.owner, source.greets))
    case "lazy":
      return Effect.succeed(lazy(world, client, source.greets))
    case "queue":
      return inHandler(
        source.owner === "request"
          ? queued(world, client, source.fails)
          : nested(world, queued(world, client, source.fails)),
      )
    case "callback":
      return Effect.succeed(listening(world, client))
    case "iterable":
      return source.parks
        ? parked(world, client)
        : Effect.succeed(
            Stream.suspend(() => Stream.fromAsyncIterable(iterate(world, client), asError)),
          )
    case "readable":
      return Effect.succeed(throughReadable(lazy(world, client, "after")))
    case "share":
      return Effect.succeed(Stream.onStart(world.share, isReady))
    case "broadcast":
      return Effect.succeed(Stream.onStart(world.broadcast, isReady))
    case "relay":
      return inHandler(relayed(world, client, source.owner))
    case "concat":
      return inHandler(
        Effect.map(subscribe(world, client), (subscription) =>
          Stream.concat(Stream.make("hello", "again"), eventsOf(subscription)),
        ),
      )
    case "merge":
      return inHandler(
        Effect.gen(function* () {
          const quiet = yield* subscribe(world, client, world.quietBus)
          const subscription = yield* subscribe(world, client)
          return Stream.merge(eventsOf(subscription), eventsOf(quiet), { haltStrategy: "either" })
        }),
      )
    case "cursor":
      return inHandler(
        source.owner === "request"
          ? rows(world, client, source.rows)
          : nested(world, rows(world, client, source.rows)),
      )
    case "feed":
      return Effect.succeed(Stream.onStart(world.feed, isReady))
    case "pump":
      return inHandler(pumped(world, client, source.owner))
    case "poller":
      return inHandler(polled(world, client, source.kept))
    case "finite":
      return inHandler(Effect.succeed(numbered(source.count, source.every)))
    case "interval":
      return inHandler(
        Effect.succeed(
          Stream.map(Stream.fromSchedule(Schedule.spaced(source.every)), () => "tick"),
        ),
      )
    case "download":
      return inHandler(
        Effect.gen(function* () {
          const queue = yield* Queue.unbounded<string, Error | Cause.Done>()
          yield* Effect.forkScoped(
            ledger.during("download", client)(fill(queue, source.count, source.ends)),
          )
          return Stream.fromQueue(queue)
        }),
      )
  }
}
