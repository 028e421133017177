import { deepStrictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as PubSub from "effect/PubSub"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import { answer, eventStream } from "./exchange.ts"
import { Recording, recorded } from "./recording.ts"

type Bus = PubSub.PubSub<number>

const pass = (millis: number) => TestClock.adjust(millis)

const start = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.forkChild(effect, { startImmediately: true })

/** A handler that reads the PubSub, and cleans up. */
const reading = (bus: Bus, cleanUp: Effect.Effect<unknown, never, Scope.Scope>) =>
  Effect.gen(function* () {
    const subscription = yield* PubSub.subscribe(bus)
    yield* cleanUp
    return eventStream(Stream.fromSubscription(subscription))
  })

const shutDownAtEnd = (bus: Bus) => Effect.addFinalizer(() => PubSub.shutdown(bus))

/** One reads until 5 ms, and the other until that ends; what is known of how the other's PubSub ended. */
const endOfOther = Effect.fnUntraced(function* (
  one: Effect.Effect<HttpServerResponse.HttpServerResponse, never, Scope.Scope>,
  other: Effect.Effect<HttpServerResponse.HttpServerResponse, never, Scope.Scope>,
  pathOfOther?: string,
) {
  const first = yield* start(answer(one))
  const second = yield* start(answer(other, "GET", pathOfOther))
  yield* pass(5)
  yield* Fiber.interrupt(first)
  yield* pass(5)
  yield* Fiber.await(second)
  const { ended, findings } = yield* Recording
  const last = ended
    .filter((record) => record.kind === "subscription")
    .find(({ exchange }) => exchange?.endedBy === "server")
  return {
    at: last?.sourceEnd?.at,
    byReader: last?.sourceEnd?.byReader,
    belongsTo: last?.sourceEnd?.by?.belongsTo,
    rules: findings.map(({ rule }) => rule),
  }
})

const fromReader = {
  at: 5_000,
  byReader: true,
  belongsTo: "another exchange",
  rules: ["upstream-bound-to-first-consumer"],
}

const onPurpose = { at: 5_000, byReader: false, belongsTo: "the program", rules: [] }

describe("a PubSub that the program made before the first request, and a request shuts down at its end", () => {
  it.effect("was taken away by a reader where each does so", () =>
    Effect.gen(function* () {
      const bus = yield* PubSub.unbounded<number>()
      const each = reading(bus, shutDownAtEnd(bus))
      deepStrictEqual(yield* endOfOther(each, each), fromReader)
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("was taken away by a body that does so when its client has left", () =>
    Effect.gen(function* () {
      const bus = yield* PubSub.unbounded<number>()
      const each = Effect.map(PubSub.subscribe(bus), (subscription) =>
        eventStream(Stream.ensuring(Stream.fromSubscription(subscription), PubSub.shutdown(bus))),
      )
      deepStrictEqual(yield* endOfOther(each, each), { ...fromReader, belongsTo: undefined })
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("was ended on purpose by a body that goes on", () =>
    Effect.gen(function* () {
      const bus = yield* PubSub.unbounded<number>()
      const each = (last: Effect.Effect<void>) =>
        Effect.map(PubSub.subscribe(bus), (subscription) =>
          eventStream(
            Stream.concat(
              Stream.fromEffect(Effect.as(last, 1)),
              Stream.fromSubscription(subscription),
            ),
          ),
        )
      const shuts = each(Effect.delay(PubSub.shutdown(bus), 5))
      deepStrictEqual(yield* endOfOther(shuts, shuts), {
        ...onPurpose,
        belongsTo: undefined,
      })
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("was taken away by a reader that does so with a connection's scope", () =>
    Effect.gen(function* () {
      const application = yield* Effect.scope
      const bus = yield* PubSub.unbounded<number>()
      const connection = Effect.acquireRelease(Scope.fork(application), Scope.close)
      const cleanUp = Effect.flatMap(connection, (scope) =>
        Scope.provide(shutDownAtEnd(bus), scope),
      )
      const each = reading(bus, cleanUp)
      deepStrictEqual(yield* endOfOther(each, each), fromReader)
    }).pipe(Effect.scoped, Effect.provide(recorded())),
  )

  it.effect("ends on purpose where the other does not: one is its host", () =>
    Effect.gen(function* () {
      const bus = yield* PubSub.unbounded<number>()
      const host = reading(bus, shutDownAtEnd(bus))
      deepStrictEqual(yield* endOfOther(host, reading(bus, Effect.void)), onPurpose)
    }).pipe(Effect.provide(recorded())),
  )

  it.effect(
    "ends on purpose where the other asked for something else: host and guest close it",
    () =>
      Effect.gen(function* () {
        const bus = yield* PubSub.unbounded<number>()
        const each = reading(bus, shutDownAtEnd(bus))
        deepStrictEqual(yield* endOfOther(each, each, "/guest"), onPurpose)
      }).pipe(Effect.provide(recorded())),
  )

  it.effect("ends on purpose where who does so has not read it", () =>
    Effect.gen(function* () {
      const bus = yield* PubSub.unbounded<number>()
      const administrator = Effect.andThen(shutDownAtEnd(bus), Effect.never)
      const other = reading(bus, shutDownAtEnd(bus))
      deepStrictEqual(yield* endOfOther(administrator, other), onPurpose)
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("ends on purpose where a reader does so before it is over", () =>
    Effect.gen(function* () {
      const bus = yield* PubSub.unbounded<number>()
      const close = Effect.delay(Effect.scoped(shutDownAtEnd(bus)), 5)
      const administrator = reading(bus, close)
      const other = reading(bus, shutDownAtEnd(bus))
      deepStrictEqual(yield* endOfOther(administrator, other), onPurpose)
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is missing where somebody comes later", () =>
    Effect.gen(function* () {
      const bus = yield* PubSub.unbounded<number>()
      const late = Effect.andThen(Effect.sleep(6), reading(bus, Effect.void))
      deepStrictEqual(yield* endOfOther(reading(bus, shutDownAtEnd(bus)), late), fromReader)
    }).pipe(Effect.provide(recorded())),
  )
})

describe("a PubSub of which the program makes another while it serves", () => {
  it.effect("ends on purpose: there is one for each conversation", () =>
    Effect.gen(function* () {
      const room = yield* PubSub.unbounded<number>()
      yield* start(Effect.andThen(PubSub.awaitShutdown(room), PubSub.unbounded<number>()))
      // A server takes some turns to end a response.
      const hangUp = Effect.andThen(Effect.yieldNow, PubSub.shutdown(room))
      const talk = reading(
        room,
        Effect.addFinalizer(() => hangUp),
      )
      deepStrictEqual(yield* endOfOther(talk, talk), onPurpose)
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("ends on purpose where the request that shuts it down makes the next one", () =>
    Effect.gen(function* () {
      const room = yield* PubSub.unbounded<number>()
      const renew = Effect.andThen(PubSub.unbounded<number>(), PubSub.shutdown(room))
      const talk = reading(
        room,
        Effect.addFinalizer(() => renew),
      )
      deepStrictEqual(yield* endOfOther(talk, talk), onPurpose)
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("was taken away by a reader where those that are made later are of another sort", () =>
    Effect.gen(function* () {
      const bus = yield* PubSub.unbounded<number>()
      yield* start(Effect.andThen(PubSub.awaitShutdown(bus), PubSub.sliding<number>(1)))
      const each = reading(bus, shutDownAtEnd(bus))
      deepStrictEqual(yield* endOfOther(each, each), fromReader)
    }).pipe(Effect.provide(recorded())),
  )
})

describe("a PubSub that was made later", () => {
  it.effect("is that of a conversation: whoever hangs up ends it", () =>
    Effect.gen(function* () {
      let room: Bus | undefined
      const make = Effect.map(PubSub.unbounded<number>(), (made) => {
        room = made
        return HttpServerResponse.empty()
      })
      yield* answer(make)
      const talk = Effect.suspend(() =>
        room === undefined ? Effect.never : reading(room, shutDownAtEnd(room)),
      )
      deepStrictEqual(yield* endOfOther(talk, talk), onPurpose)
    }).pipe(Effect.provide(recorded())),
  )
})
