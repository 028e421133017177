import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as PubSub from "effect/PubSub"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import { tracedPubSub } from "../../otel/instrument/traced/pubsub.ts"
import { subscribeTraced } from "../../otel/instrument/traced/subscription.ts"
import { answer, eventStream } from "./exchange.ts"
import { Recording, recorded } from "./recording.ts"

const lifetimes = recorded({ grace: 1_000 })

type Bus = PubSub.PubSub<number>

const makeBus = PubSub.unbounded<number>().pipe(tracedPubSub("bus"))

/** Publishes at 100 and at 200 ms, and fails at 300. */
const feed = Effect.fn("feed")(function* (bus: Bus) {
  for (const event of [1, 2]) {
    yield* Effect.sleep(100)
    yield* PubSub.publish(bus, event)
  }
  yield* Effect.sleep(100)
  return yield* Effect.fail("no access")
})

/** A client reads the bus for ten seconds. */
const reading = (bus: Bus) =>
  answer(
    Effect.map(subscribeTraced(bus), (subscription) =>
      eventStream(
        Stream.merge(Stream.fromSubscription(subscription), Stream.tick(50), {
          haltStrategy: "left",
        }),
      ),
    ),
  )

/** What is found of a client that reads for ten seconds, while something feeds the bus. */
const foundWhile = (
  start: (bus: Bus, scope: Scope.Scope) => Effect.Effect<unknown, unknown, Scope.Scope>,
) =>
  Effect.gen(function* () {
    const bus = yield* makeBus
    const scope = yield* Scope.make()
    const client = yield* Effect.forkChild(reading(bus), { startImmediately: true })
    yield* Effect.orDie(Effect.provideService(start(bus, scope), Scope.Scope, scope))
    yield* TestClock.adjust("10 seconds")
    yield* Fiber.interrupt(client)
    const { ended } = yield* Recording
    return ended.flatMap((record) =>
      record.kind === "stream"
        ? (record.exchange?.matches ?? []).map(({ rule, operation }) => `${rule}, ${operation}`)
        : [],
    )
  }).pipe(Effect.provide(lifetimes))

const failure = ["unobserved-failure, fiber feed"]

describe("a fiber that feeds a stream and fails", () => {
  it.effect("is found where it is in a scope", () =>
    Effect.gen(function* () {
      deepStrictEqual(yield* foundWhile((bus) => Effect.forkScoped(feed(bus))), failure)
    }),
  )

  it.effect("is found where nothing owns it", () =>
    Effect.gen(function* () {
      deepStrictEqual(yield* foundWhile((bus) => Effect.forkDetach(feed(bus))), failure)
    }),
  )

  it.effect("is not found where another fiber waits for its end", () =>
    Effect.gen(function* () {
      const found = yield* foundWhile((bus) =>
        Effect.flatMap(Effect.forkScoped(feed(bus)), (fiber) =>
          Effect.forkDetach(Fiber.await(fiber)),
        ),
      )
      deepStrictEqual(found, [])
    }),
  )

  it.effect("is not found where it tries again", () =>
    Effect.gen(function* () {
      const found = yield* foundWhile((bus) =>
        Effect.forkScoped(Effect.retry(feed(bus), Schedule.spaced(50))),
      )
      deepStrictEqual(found, [])
    }),
  )

  it.effect("is not found where another publishes after it", () =>
    Effect.gen(function* () {
      const found = yield* foundWhile((bus) =>
        Effect.andThen(
          Effect.forkScoped(feed(bus)),
          Effect.forkScoped(Effect.delay(PubSub.publish(bus, 3), 400)),
        ),
      )
      deepStrictEqual(found, [])
    }),
  )

  it.effect("is not found where it is interrupted, and has not failed", () =>
    Effect.gen(function* () {
      const found = yield* foundWhile((bus) =>
        Effect.flatMap(Effect.forkScoped(feed(bus)), (fiber) =>
          Effect.forkScoped(Effect.delay(Fiber.interrupt(fiber), 250)),
        ),
      )
      deepStrictEqual(found, [])
    }),
  )

  it.effect("is not found where it shuts down what it feeds", () =>
    Effect.gen(function* () {
      const found = yield* foundWhile((bus) =>
        Effect.forkScoped(Effect.ensuring(feed(bus), PubSub.shutdown(bus))),
      )
      deepStrictEqual(found, [])
    }),
  )

  it.effect("is not found where it serves a request: that is answered, and others may come", () =>
    Effect.gen(function* () {
      const found = yield* foundWhile((bus) =>
        Effect.forkScoped(
          answer(
            Effect.andThen(PubSub.publish(bus, 1), Effect.fail("no access")),
            "POST",
            "/message",
          ),
        ),
      )
      deepStrictEqual(found, [])
    }),
  )

  it.effect("is watched once, however many PubSubs it feeds", () =>
    Effect.gen(function* () {
      let watched = 0
      const fiber = yield* Effect.withFiber(Effect.succeed)
      const { addObserver } = fiber
      Object.assign(fiber, {
        addObserver: (observer: Parameters<typeof addObserver>[0]) => {
          watched++
          return addObserver.call(fiber, observer)
        },
      })
      for (let rooms = 0; rooms < 10; rooms++) {
        yield* PubSub.publish(yield* PubSub.unbounded<number>(), rooms)
      }
      strictEqual(watched, 1)
    }).pipe(Effect.provide(lifetimes)),
  )
})
