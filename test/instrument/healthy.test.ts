import { deepStrictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Cache from "effect/Cache"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberSet from "effect/FiberSet"
import { ClientAbort } from "effect/http/HttpServerError"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Pool from "effect/Pool"
import * as PubSub from "effect/PubSub"
import * as RcMap from "effect/RcMap"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import { Lifetimes, subscribeTraced, tracedPubSub, tracedStream } from "../../otel/index.ts"
import { answer, eventStream, type Handler } from "./exchange.ts"
import { Recording, recorded } from "./recording.ts"

const grace = 1_000

const pass = (millis: number) => TestClock.adjust(millis)

const response = HttpServerResponse.empty()

/** A client that connects, and how it leaves. */
const connect = (handler: Handler) =>
  Effect.gen(function* () {
    const request = yield* Effect.forkDetach(answer(handler), { startImmediately: true })
    yield* pass(1)
    return Effect.suspend(() => {
      request.interruptUnsafe(undefined, ClientAbort.annotation)
      return Fiber.await(request)
    })
  })

const body = (events: Stream.Stream<unknown>) => eventStream(events.pipe(tracedStream("event")))

const subscribed = <A>(bus: PubSub.PubSub<A>) =>
  Effect.map(subscribeTraced(bus), Stream.fromSubscription)

/** Subscribes in the handler. */
const watch = <A>(bus: PubSub.PubSub<A>) => connect(Effect.map(subscribed(bus), body))

/** Subscribes when the body begins. */
const lazily = <A>(bus: PubSub.PubSub<A>) => Stream.unwrap(subscribed(bus))

const bus = (name: string) => PubSub.unbounded<number>().pipe(tracedPubSub(name))

/** Runs a program, lets time pass, and stops it; gives the rules that spoke, whenever that was. */
const found = (
  program: Effect.Effect<unknown, never, Lifetimes | Recording | Scope.Scope>,
): Effect.Effect<ReadonlyArray<string>> =>
  Effect.gen(function* () {
    const context = yield* Layer.build(recorded({ grace })).pipe(
      Effect.tap((built) =>
        Effect.scoped(Effect.andThen(program, pass(3 * grace))).pipe(Effect.provideContext(built)),
      ),
      Effect.scoped,
    )
    const { ended, findings } = Context.get(context, Recording)
    const told = ended.flatMap((record) => [
      ...(record.exchange?.matches ?? []),
      ...(record.kind === "fiber" && record.match !== undefined ? [record.match] : []),
    ])
    return [...new Set([...findings, ...told].map(({ rule }) => rule))]
  })

const isHealthy = (
  title: string,
  program: Effect.Effect<unknown, never, Lifetimes | Recording | Scope.Scope>,
) =>
  it.effect(title, () =>
    Effect.gen(function* () {
      deepStrictEqual(yield* found(program), [])
    }),
  )

describe("nothing is found where handlers fork in every way that has an owner", () => {
  const handled = (work: Effect.Effect<unknown, never, Effect.Services<Handler>>) =>
    Effect.gen(function* () {
      yield* connect(Effect.as(work, response))
      yield* pass(3 * grace)
    })

  isHealthy(
    "race, timeout and many at once",
    handled(
      Effect.all([
        Effect.race(Effect.sleep(1), Effect.never),
        Effect.timeoutOption(Effect.never, 2),
        Effect.forEach([1, 2, 3], () => Effect.sleep(1), { concurrency: 2 }),
      ]),
    ),
  )

  isHealthy(
    "a task in a FiberSet of the program",
    Effect.flatMap(FiberSet.make<void>(), (tasks) =>
      handled(FiberSet.run(tasks, Effect.sleep(10 * grace))),
    ),
  )

  isHealthy(
    "a pool of the program that the first request fills",
    Effect.gen(function* () {
      const program = yield* Effect.scope
      const make = Pool.makeWithTTL({
        acquire: Effect.acquireRelease(Effect.succeed(1), () => Effect.void),
        min: 1,
        max: 4,
        timeToLive: "1 minute",
      }).pipe(Scope.provide(program))
      const pool = yield* Effect.cached(make)
      yield* handled(Effect.flatMap(pool, Pool.get))
    }),
  )

  isHealthy(
    "an entry of an RcMap that is idle for a while",
    Effect.gen(function* () {
      const map = yield* RcMap.make({
        lookup: (key: string) => Effect.acquireRelease(Effect.succeed(key), () => Effect.void),
        idleTimeToLive: "5 seconds",
      })
      yield* handled(RcMap.get(map, "key"))
      yield* pass(10 * grace)
    }),
  )

  isHealthy(
    "a look-up of a cache that its first reader does not wait for",
    Effect.gen(function* () {
      const cache = yield* Cache.make({
        capacity: 8,
        lookup: (key: string) => Effect.as(Effect.sleep(2 * grace), key),
      })
      const leave = yield* connect(Effect.as(Cache.get(cache, "key"), response))
      const waiting = yield* Effect.forkScoped(Cache.get(cache, "key"), { startImmediately: true })
      yield* leave
      yield* pass(3 * grace)
      yield* Fiber.join(waiting)
    }),
  )

  isHealthy(
    "a finalizer that takes long",
    Effect.gen(function* () {
      const events = yield* bus("bus")
      const slow = Effect.addFinalizer(() => Effect.sleep(3 * grace))
      const leave = yield* connect(Effect.andThen(slow, Effect.map(subscribed(events), body)))
      yield* Effect.forkScoped(leave, { startImmediately: true })
      yield* PubSub.publish(events, 1)
      yield* pass(4 * grace)
    }),
  )
})

describe("nothing is found where streams are composed", () => {
  isHealthy(
    "of a snapshot, behind which they had subscribed before",
    Effect.gen(function* () {
      const events = yield* bus("bus")
      const pause = Stream.drain(Stream.fromEffect(Effect.sleep(5)))
      const snapshot = Stream.make(0).pipe(Stream.concat(pause))
      const leave = yield* connect(
        Effect.map(subscribed(events), (later) => body(Stream.concat(snapshot, later))),
      )
      yield* PubSub.publish(events, 1)
      yield* pass(10)
      yield* leave
    }),
  )

  isHealthy(
    "of a first frame and a PubSub that replays",
    Effect.gen(function* () {
      const events = yield* PubSub.unbounded<number>({ replay: 8 }).pipe(tracedPubSub("bus"))
      const pause = Stream.drain(Stream.fromEffect(Effect.sleep(5)))
      const leave = yield* connect(
        Effect.succeed(
          body(Stream.make(0).pipe(Stream.concat(pause), Stream.concat(lazily(events)))),
        ),
      )
      yield* PubSub.publish(events, 1)
      yield* pass(10)
      yield* leave
    }),
  )

  isHealthy(
    "of two PubSubs in a row, the first of which is shut down",
    Effect.gen(function* () {
      const [first, second] = [yield* bus("first"), yield* bus("second")]
      const leave = yield* connect(
        Effect.succeed(body(Stream.concat(lazily(first), lazily(second)))),
      )
      yield* PubSub.shutdown(first)
      yield* pass(3 * grace)
      yield* PubSub.publish(second, 1)
      yield* leave
    }),
  )

  isHealthy(
    "of two feeds merged, one of which is shut down",
    Effect.gen(function* () {
      const [first, second] = [yield* bus("first"), yield* bus("second")]
      const leave = yield* connect(
        Effect.succeed(body(Stream.merge(lazily(first), lazily(second)))),
      )
      yield* PubSub.shutdown(first)
      yield* pass(3 * grace)
      yield* leave
    }),
  )

  isHealthy(
    "of two feeds merged, each traced by itself too",
    Effect.gen(function* () {
      const [first, second] = [yield* bus("first"), yield* bus("second")]
      const merged = Stream.merge(lazily(first), lazily(second).pipe(tracedStream("second")))
      const leave = yield* connect(Effect.succeed(body(merged)))
      yield* PubSub.shutdown(first)
      yield* pass(3 * grace)
      yield* leave
    }),
  )
})

describe("nothing is found where PubSubs are used as they are meant", () => {
  isHealthy(
    "one for each request, all of one name",
    Effect.gen(function* () {
      const handler = Effect.gen(function* () {
        const progress = yield* Effect.acquireRelease(bus("progress"), PubSub.shutdown)
        yield* Effect.forkScoped(
          PubSub.publish(progress, 1).pipe(Effect.delay(1), Effect.repeat({ times: 3 })),
        )
        return body(Stream.take(yield* subscribed(progress), 3))
      })
      for (const _ of [1, 2, 3]) yield* connect(handler)
      yield* pass(3 * grace)
    }),
  )

  isHealthy(
    "rooms of one name, each made while a message was handled",
    Effect.gen(function* () {
      const rooms = yield* Effect.forEach([1, 2, 3], () => Effect.scoped(bus("room")))
      const clients = yield* Effect.forEach(rooms, (room) =>
        connect(Effect.map(subscribed(room), (events) => body(Stream.merge(events, Stream.never)))),
      )
      yield* pass(3 * grace)
      for (const room of rooms) yield* PubSub.publish(room, 1)
      yield* Effect.forEach(clients, (leave) => leave)
    }),
  )

  isHealthy(
    "a burst, in the midst of which the client leaves",
    Effect.gen(function* () {
      const events = yield* bus("bus")
      const slowly = Effect.map(subscribed(events), (stream) =>
        body(stream.pipe(Stream.tap(() => Effect.sleep(grace)))),
      )
      const leave = yield* connect(slowly)
      yield* PubSub.publish(events, 0)
      yield* pass(1)
      yield* PubSub.publishAll(
        events,
        Array.from({ length: 5_000 }, (_, index) => index),
      )
      yield* pass(grace / 2)
      yield* leave
    }),
  )

  isHealthy(
    "one that keeps the latest value for a slow client",
    Effect.gen(function* () {
      const latest = yield* PubSub.sliding<number>(1).pipe(tracedPubSub("latest"))
      const slowly = Effect.map(subscribed(latest), (stream) =>
        body(stream.pipe(Stream.tap(() => Effect.sleep(50)))),
      )
      const leave = yield* connect(slowly)
      for (let value = 0; value < 100; value++) {
        yield* PubSub.publish(latest, value)
        yield* pass(1)
      }
      yield* leave
    }),
  )

  isHealthy(
    "one that passes message by message",
    Effect.gen(function* () {
      const narrow = yield* PubSub.bounded<number>(1).pipe(tracedPubSub("narrow"))
      const slowly = Effect.map(subscribed(narrow), (stream) =>
        body(stream.pipe(Stream.tap(() => Effect.sleep(500)))),
      )
      const leave = yield* connect(slowly)
      yield* Effect.forkScoped(
        Effect.forEach([1, 2, 3, 4, 5], (value) => PubSub.publish(narrow, value)),
        { startImmediately: true },
      )
      yield* pass(5 * grace)
      yield* leave
    }),
  )
})

describe("nothing is found where a program stops", () => {
  isHealthy(
    "and says so before it shuts its PubSub down",
    Effect.gen(function* () {
      const events = yield* bus("bus")
      yield* connect(
        Effect.map(subscribed(events), (stream) => body(Stream.merge(stream, Stream.never))),
      )
      const lifetimes = yield* Lifetimes
      lifetimes.beginShutdown()
      yield* PubSub.shutdown(events)
      yield* pass(3 * grace)
    }),
  )

  isHealthy(
    "and the scope that made its PubSub closes before that of its server",
    Effect.gen(function* () {
      const maker = yield* Scope.make()
      const events = yield* bus("bus").pipe(Scope.provide(maker))
      const leave = yield* connect(
        Effect.map(subscribed(events), (stream) => body(Stream.merge(stream, Stream.never))),
      )
      yield* Scope.close(maker, Exit.void)
      yield* pass(3 * grace)
      yield* leave
    }),
  )

  isHealthy(
    "and its clients leave one after the other",
    Effect.gen(function* () {
      const events = yield* bus("bus")
      const clients = yield* Effect.forEach([1, 2, 3], () => watch(events))
      for (const leave of clients) {
        yield* leave
        yield* PubSub.publish(events, 1)
        yield* pass(grace)
      }
    }),
  )
})
