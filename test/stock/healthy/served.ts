/** Work that the first reader begins, and that serves all readers from what its own scope holds, until it is done. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as HttpRouter from "effect/http/HttpRouter"
import * as PubSub from "effect/PubSub"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Program } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, sse, ticking } from "../stage.ts"

type Events = Stream.Stream<string>

/** Says what its readers read as soon as there is something, and goes on until they have had enough. */
type Work = (
  ready: (events: Events) => Effect.Effect<unknown>,
  enough: Effect.Effect<void>,
) => Effect.Effect<unknown, never, Scope.Scope>

/** Whether two clients are given events and the end, and the second was there in time. */
const watched = Effect.fnUntraced(function* (
  path: `/${string}`,
  work: Work,
  begun: (events: Effect.Effect<Events>) => Effect.Effect<Events>,
) {
  const running = yield* FiberSet.make()
  const enough = yield* Deferred.make<void>()
  let known: Deferred.Deferred<Events> | undefined
  const events = Effect.gen(function* () {
    if (known === undefined) {
      const ready = yield* Deferred.make<Events>()
      known = ready
      yield* FiberSet.run(
        running,
        Effect.scoped(work((one) => Deferred.succeed(ready, one), Deferred.await(enough))),
      )
    }
    return yield* Deferred.await(known)
  })
  const watch = Effect.map(begun(events), (one) => sse(Stream.concat(one, Stream.make("done"))))
  const url = yield* serve(HttpRouter.add("GET", path, watch))
  const clients = [yield* connected(url + path), yield* connected(url + path)]
  yield* Effect.forEach(clients, (client) => client.until(({ events }) => events.length > 1))
  yield* Deferred.succeed(enough, undefined)
  yield* Effect.forEach(clients, (client) => client.until(({ end }) => end !== "open"))
  yield* settle
  return clients.every(
    ({ events, end }) => events.length > 1 && events.at(-1) === "done" && end === "end",
  )
})

const fillsAQueue: Work = Effect.fnUntraced(function* (ready, enough) {
  const queue = yield* Effect.acquireRelease(Queue.unbounded<string>(), Queue.shutdown)
  yield* ready(Stream.catchCause(Stream.fromQueue(queue), () => Stream.empty))
  const fill = Effect.repeat(Queue.offer(queue, "step"), Schedule.spaced("20 millis"))
  yield* Effect.raceFirst(fill, enough)
})

const lendsASubscription: Work = Effect.fnUntraced(function* (ready, enough) {
  const bus = yield* PubSub.unbounded<string>()
  yield* ticking(bus, "tick")
  yield* ready(Stream.fromSubscription(yield* PubSub.subscribe(bus)))
  yield* enough
})

const inTheHandler = (events: Effect.Effect<Events>) => events

const inTheBody = (events: Effect.Effect<Events>) => Effect.succeed(Stream.unwrap(events))

export const served = {
  "a-job-that-fills-a-queue": watched("/a-job-that-fills-a-queue", fillsAQueue, inTheHandler),
  "a-job-that-lends-a-subscription": watched(
    "/a-job-that-lends-a-subscription",
    lendsASubscription,
    inTheHandler,
  ),
  "a-job-that-a-body-begins": watched("/a-job-that-a-body-begins", fillsAQueue, inTheBody),
} satisfies Readonly<Record<string, Program>>
