import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import { Lifetimes, subscribeTraced, tracedPubSub, tracedStream } from "../../otel/index.ts"
import { answer, eventStream } from "./exchange.ts"
import { Recording, recorded } from "./recording.ts"

const grace = 1_000
const lifetimes = recorded({ grace })

/** Lets time pass, and whatever woke up do its work. */
const pass = (millis: number) => TestClock.adjust(millis)

/** An exchange that ended at 0 ms, and whose subscription somebody else must release. */
const left = Effect.gen(function* () {
  const pubsub = yield* PubSub.unbounded<number>().pipe(tracedPubSub("bus"))
  const application = yield* Scope.make()
  yield* Scope.provide(Effect.void, application) // it is the program's
  const subscribe = Effect.flatMap(Scope.fork(application), (own) =>
    Scope.provide(subscribeTraced(pubsub), own),
  )
  let subscription: PubSub.Subscription<number> | undefined
  yield* answer(
    Effect.map(subscribe, (acquired) => {
      subscription = acquired
      return HttpServerResponse.text("", { contentType: "text/event-stream" })
    }),
  )
  if (subscription === undefined) throw new Error("the handler did not run")
  return {
    pubsub,
    subscription,
    publish: PubSub.publish(pubsub, 1),
    release: Scope.close(application, Exit.void),
  }
})

const found = Effect.map(Recording, ({ findings }) =>
  findings.map(({ rule, confidence, at }) => [rule, confidence, at]),
)

describe("a subscription that outlives its exchange", () => {
  it.effect("is said to leak when the grace period is over, if an event was published unread", () =>
    Effect.gen(function* () {
      const { publish } = yield* left
      yield* publish
      yield* pass(grace)
      deepStrictEqual(yield* found, [])
      yield* pass(2)
      deepStrictEqual(yield* found, [["subscription-leak", "likely", 1_001_000]])
    }).pipe(Effect.provide(lifetimes)),
  )

  it.effect("is said to leak when the first event after the grace period has not released it", () =>
    Effect.gen(function* () {
      const { publish } = yield* left
      yield* pass(5 * grace)
      deepStrictEqual(yield* found, [])
      yield* publish
      yield* pass(100)
      deepStrictEqual(yield* found, [])
      yield* pass(2)
      deepStrictEqual(yield* found, [["subscription-leak", "likely", 5_101_000]])
    }).pipe(Effect.provide(lifetimes)),
  )

  it.effect("is said to leak once, whatever happens to it afterwards", () =>
    Effect.gen(function* () {
      const { publish, release } = yield* left
      for (const _ of [1, 2, 3]) {
        yield* pass(2 * grace)
        yield* publish
      }
      yield* release
      yield* pass(2 * grace)
      strictEqual((yield* found).length, 1)
    }).pipe(Effect.provide(lifetimes)),
  )

  it.effect("is not said to leak while no event is published", () =>
    Effect.gen(function* () {
      yield* left
      yield* pass(100 * grace)
      deepStrictEqual(yield* found, [])
    }).pipe(Effect.provide(lifetimes)),
  )

  it.effect("is not said to leak where it is released within the grace period", () =>
    Effect.gen(function* () {
      const { publish, release } = yield* left
      yield* publish
      yield* pass(grace - 1)
      yield* release
      yield* pass(2 * grace)
      deepStrictEqual(yield* found, [])
    }).pipe(Effect.provide(lifetimes)),
  )

  it.effect("is likely to have leaked where it is released long after, and no event came", () =>
    Effect.gen(function* () {
      const { release } = yield* left
      yield* pass(3 * grace)
      yield* release
      deepStrictEqual(yield* found, [["subscription-leak", "likely", 3_000_000]])
    }).pipe(Effect.provide(lifetimes)),
  )

  it.effect("is likely to have leaked where it is still held when the program stops", () =>
    Effect.gen(function* () {
      const recording = yield* Layer.build(lifetimes).pipe(
        Effect.tap((context) => Effect.provideContext(Effect.andThen(left, pass(3_000)), context)),
        Effect.scoped,
      )
      deepStrictEqual(yield* Effect.provideContext(found, recording), [
        ["subscription-leak", "likely", 3_000_000],
      ])
    }),
  )

  it.effect("does not leak while something that is not traced reads it", () =>
    Effect.gen(function* () {
      const { publish, subscription } = yield* left
      const reading = yield* Stream.fromSubscription(subscription).pipe(
        Stream.runDrain,
        Effect.forkChild({ startImmediately: true }),
      )
      for (const _ of [1, 2, 3]) {
        yield* pass(2 * grace)
        yield* publish
      }
      yield* pass(2 * grace)
      deepStrictEqual(yield* found, [])
      yield* Fiber.interrupt(reading)
    }).pipe(Effect.provide(lifetimes)),
  )

  it.effect("does not leak while the traced stream of another exchange reads it", () =>
    Effect.gen(function* () {
      const { publish, subscription } = yield* left
      const body = Stream.fromSubscription(subscription).pipe(tracedStream("other"))
      const other = yield* Effect.forkChild(answer(Effect.succeed(eventStream(body))), {
        startImmediately: true,
      })
      for (const _ of [1, 2]) {
        yield* pass(2 * grace)
        yield* publish
      }
      deepStrictEqual(yield* found, [])
      yield* Fiber.interrupt(other)
    }).pipe(Effect.provide(lifetimes)),
  )

  it.effect(
    "may be read by an untraced fiber that was waiting since before the exchange ended",
    () =>
      Effect.gen(function* () {
        const pubsub = yield* PubSub.unbounded<number>().pipe(tracedPubSub("bus"))
        const application = yield* Scope.make()
        const handler = Effect.gen(function* () {
          const subscription = yield* subscribeTraced(pubsub).pipe(Scope.provide(application))
          yield* PubSub.publish(pubsub, 0)
          const one = Stream.fromSubscription(subscription).pipe(Stream.take(1))
          yield* one.pipe(tracedStream("event"), Stream.runDrain)
          yield* Stream.fromSubscription(subscription).pipe(
            Stream.runDrain,
            Effect.forkIn(application, { startImmediately: true }),
          )
          yield* pass(1)
          return HttpServerResponse.empty()
        })
        yield* answer(handler)
        yield* pass(2 * grace)
        yield* PubSub.publish(pubsub, 1)
        yield* pass(2 * grace)
        deepStrictEqual(yield* found, [])
        yield* Scope.close(application, Exit.void)
      }).pipe(Effect.provide(lifetimes)),
  )

  it.effect("has its grace period from the end of its last reader on", () =>
    Effect.gen(function* () {
      const pubsub = yield* PubSub.unbounded<number>().pipe(tracedPubSub("bus"))
      const application = yield* Scope.make()
      yield* Scope.provide(Effect.yieldNow, application) // no handler is the first to enter it
      const handler = Effect.gen(function* () {
        const subscription = yield* subscribeTraced(pubsub).pipe(Scope.provide(application))
        yield* Stream.fromSubscription(subscription).pipe(
          Stream.interruptWhen(Effect.sleep(5 * grace)),
          tracedStream("later"),
          Stream.runDrain,
          Effect.forkIn(application, { startImmediately: true }),
        )
        return HttpServerResponse.empty()
      })
      yield* answer(handler)
      yield* pass(5 * grace)
      yield* PubSub.publish(pubsub, 1)
      yield* pass(grace)
      deepStrictEqual(yield* found, [])
      yield* pass(2)
      deepStrictEqual(yield* found, [["subscription-leak", "certain", 6_001_000]])
    }).pipe(Effect.provide(lifetimes)),
  )
})

describe("a program with no grace period given", () => {
  it.effect("waits a second", () =>
    Effect.gen(function* () {
      yield* Lifetimes
      const { publish } = yield* left
      yield* publish
      yield* pass(1_000)
      deepStrictEqual(yield* found, [])
      yield* pass(2)
      strictEqual((yield* found).length, 1)
    }).pipe(Effect.provide(recorded())),
  )
})
