import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import {
  Lifetimes,
  subscribeTraced,
  tracedPubSub,
  tracedScope,
  tracedStream,
} from "../../otel/index.ts"
import { answer, eventStream } from "./exchange.ts"
import { endedScope, endedSubscription, recorded } from "./recording.ts"

const pass = (millis: number) => TestClock.adjust(millis)

const start = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.forkChild(effect, { startImmediately: true })

const makeBus = PubSub.unbounded<number>().pipe(tracedPubSub("bus"))

/** Watches the PubSub in an exchange of its own while something happens to it at 5 ms. */
const watching = <R>(pubsub: PubSub.PubSub<number>, happens: Effect.Effect<unknown, never, R>) =>
  Effect.gen(function* () {
    const body = Effect.map(subscribeTraced(pubsub), (subscription) =>
      eventStream(
        Stream.fromSubscription(subscription).pipe(
          Stream.takeWhile((message) => message !== 0),
          tracedStream("event"),
        ),
      ),
    )
    const watcher = yield* start(answer(body))
    yield* pass(5)
    yield* happens
    yield* pass(5)
    yield* Fiber.interrupt(watcher)
    return (yield* endedSubscription("bus")).sourceEnd
  })

describe("the end of a subscription's PubSub", () => {
  it.effect("is known with its time where it is shut down", () =>
    Effect.gen(function* () {
      const bus = yield* makeBus
      const end = yield* watching(bus, PubSub.shutdown(bus))
      deepStrictEqual(
        [end?.at, end?.how, end?.by, end?.replaced],
        [5_000, "shutdown", undefined, false],
      )
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is known where it ends with a last message", () =>
    Effect.gen(function* () {
      const bus = yield* makeBus
      strictEqual((yield* watching(bus, PubSub.end(bus, 0)))?.how, "ended")
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is none while it lives", () =>
    Effect.gen(function* () {
      const bus = yield* makeBus
      strictEqual(yield* watching(bus, PubSub.publish(bus, 1)), undefined)
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is none while the program is stopping", () =>
    Effect.gen(function* () {
      const bus = yield* makeBus
      const { beginShutdown } = yield* Lifetimes
      const stop = Effect.sync(beginShutdown.bind(yield* Lifetimes))
      strictEqual(yield* watching(bus, Effect.andThen(stop, PubSub.shutdown(bus))), undefined)
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is by the traced scope whose closing shut it down", () =>
    Effect.gen(function* () {
      const bus = yield* makeBus
      const end = yield* watching(
        bus,
        Effect.addFinalizer(() => PubSub.shutdown(bus)).pipe(tracedScope("reload")),
      )
      const { span } = yield* endedScope("reload")
      deepStrictEqual(end?.by, { name: "reload", span, belongsTo: "the program" })
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is by the innermost of several scopes that close within each other", () =>
    Effect.gen(function* () {
      const bus = yield* makeBus
      const end = yield* watching(
        bus,
        Effect.addFinalizer(() =>
          Effect.addFinalizer(() => PubSub.shutdown(bus)).pipe(tracedScope("inner")),
        ).pipe(tracedScope("outer")),
      )
      strictEqual(end?.by?.name, "inner")
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is by no scope that closed before", () =>
    Effect.gen(function* () {
      const bus = yield* makeBus
      const closed = Effect.void.pipe(tracedScope("closed"))
      strictEqual(
        (yield* watching(bus, Effect.andThen(closed, PubSub.shutdown(bus))))?.by,
        undefined,
      )
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is by no scope that another fiber closes meanwhile", () =>
    Effect.gen(function* () {
      const bus = yield* makeBus
      const closing = Effect.addFinalizer(() => Effect.sleep(50)).pipe(tracedScope("slow"))
      const both = Effect.andThen(start(closing), PubSub.shutdown(bus))
      strictEqual((yield* watching(bus, both))?.by, undefined)
      yield* pass(50)
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is by the program where another exchange shut down what it had not made", () =>
    Effect.gen(function* () {
      const bus = yield* makeBus
      const other = Effect.addFinalizer(() => PubSub.shutdown(bus)).pipe(
        tracedScope("theirs"),
        Effect.as(HttpServerResponse.empty()),
      )
      const end = yield* watching(bus, answer(other))
      deepStrictEqual([end?.by?.name, end?.by?.belongsTo], ["theirs", "the program"])
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is by a scope of its own exchange", () =>
    Effect.gen(function* () {
      const handler = Effect.gen(function* () {
        const bus = yield* makeBus
        yield* subscribeTraced(bus)
        yield* Effect.addFinalizer(() => PubSub.shutdown(bus)).pipe(tracedScope("handler"))
        return HttpServerResponse.empty()
      })
      yield* answer(handler)
      strictEqual((yield* endedSubscription("bus")).sourceEnd?.by?.belongsTo, "this exchange")
    }).pipe(Effect.provide(recorded())),
  )
})

describe("a PubSub whose place another takes", () => {
  it.effect("is replaced where both have one name", () =>
    Effect.gen(function* () {
      const bus = yield* makeBus
      const end = yield* watching(bus, Effect.andThen(PubSub.shutdown(bus), makeBus))
      strictEqual(end?.replaced, true)
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is forgotten where a thousand others have been named since", () =>
    Effect.gen(function* () {
      const bus = yield* makeBus
      for (let name = 0; name < 1_000; name++) {
        yield* PubSub.unbounded<number>().pipe(tracedPubSub(`${name}`))
      }
      const end = yield* watching(bus, Effect.andThen(PubSub.shutdown(bus), makeBus))
      strictEqual(end?.replaced, false)
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is not replaced by one of another name, nor by itself", () =>
    Effect.gen(function* () {
      const other = PubSub.unbounded<number>().pipe(tracedPubSub("other"))
      yield* makeBus
      const bus = yield* makeBus
      const end = yield* watching(bus, Effect.andThen(PubSub.shutdown(bus), other))
      strictEqual(end?.replaced, false)
    }).pipe(Effect.provide(recorded())),
  )
})

describe("who reads a subscription", () => {
  const readBy = (combine: (events: Stream.Stream<number>) => Stream.Stream<number>) =>
    Effect.gen(function* () {
      const bus = yield* makeBus
      const subscribed = Stream.unwrap(Effect.map(subscribeTraced(bus), Stream.fromSubscription))
      const body = combine(subscribed).pipe(tracedStream("event"))
      const reading = yield* start(answer(Effect.succeed(eventStream(body))))
      yield* pass(1)
      yield* PubSub.publish(bus, 1)
      yield* pass(1)
      yield* Fiber.interrupt(reading)
      return (yield* endedSubscription("bus")).readByFork
    }).pipe(Effect.provide(recorded()))

  it.effect("is the stream's own fiber, alone or in a row", () =>
    Effect.gen(function* () {
      strictEqual(yield* readBy((events) => events), false)
      strictEqual(yield* readBy((events) => Stream.concat(Stream.make(0), events)), false)
    }),
  )

  it.effect("is a fork where streams are merged", () =>
    Effect.gen(function* () {
      strictEqual(yield* readBy((events) => Stream.merge(events, Stream.never)), true)
    }),
  )
})
