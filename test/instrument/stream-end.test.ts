import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { ClientAbort } from "effect/http/HttpServerError"
import * as Latch from "effect/Latch"
import * as PubSub from "effect/PubSub"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import {
  Lifetimes,
  subscribeTraced,
  tracedPubSub,
  tracedScope,
  tracedStream,
} from "../../otel/index.ts"
import { endedStream, endedSubscription, recorded } from "./recording.ts"

const bus = PubSub.unbounded<number>().pipe(tracedPubSub("bus"))

const start = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.forkChild(effect, { startImmediately: true })

const run = <A, E, R>(stream: Stream.Stream<A, E, R>) =>
  stream.pipe(tracedStream("event"), Stream.runDrain)

/** A subscription whose scope the test closes. */
const subscribed = Effect.gen(function* () {
  const pubsub = yield* bus
  const scope = yield* Scope.make()
  const subscription = yield* subscribeTraced(pubsub).pipe(Scope.provide(scope))
  return { pubsub, subscription, release: Scope.close(scope, Exit.void) }
})

const endOf = (name: string) =>
  Effect.map(endedStream(name), ({ endedBy, exit }) => [endedBy, exit])

describe("the end of a traced stream", () => {
  it.effect("is by its upstream where that has no more", () =>
    Effect.gen(function* () {
      yield* run(Stream.make(1, 2))
      deepStrictEqual(yield* endOf("event"), ["upstream", "success"])
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is by its upstream where the PubSub ended", () =>
    Effect.gen(function* () {
      const { pubsub, subscription } = yield* subscribed
      const reading = yield* start(
        run(Stream.fromSubscription(subscription).pipe(Stream.takeWhile((event) => event !== 0))),
      )
      yield* PubSub.end(pubsub, 0)
      yield* Fiber.join(reading)
      deepStrictEqual(yield* endOf("event"), ["upstream", "success"])
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is by its upstream where the PubSub was shut down under it", () =>
    Effect.gen(function* () {
      const { pubsub, subscription } = yield* subscribed
      const reading = yield* start(run(Stream.fromSubscription(subscription)))
      yield* PubSub.shutdown(pubsub)
      yield* Fiber.join(reading)
      deepStrictEqual(yield* endOf("event"), ["upstream", "success"])
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is by a release while it waited in a take", () =>
    Effect.gen(function* () {
      const { subscription, release } = yield* subscribed
      const reading = yield* start(run(Stream.fromSubscription(subscription)))
      yield* release
      yield* Fiber.join(reading)
      const { endedBy, exit, endedBySubscription } = yield* endedStream("event")
      const { span } = yield* endedSubscription("bus")
      deepStrictEqual([endedBy, exit, endedBySubscription], ["released", "success", span.spanId])
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is by a release before its first take", () =>
    Effect.gen(function* () {
      const { subscription, release } = yield* subscribed
      yield* release
      yield* run(Stream.fromSubscription(subscription))
      const { endedBy, exit, endedBySubscription, reads } = yield* endedStream("event")
      const { span } = yield* endedSubscription("bus")
      deepStrictEqual([endedBy, exit, endedBySubscription], ["released", "success", span.spanId])
      deepStrictEqual(reads, [span.spanId])
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is by a release while it was busy with an element", () =>
    Effect.gen(function* () {
      const { pubsub, subscription, release } = yield* subscribed
      yield* PubSub.publish(pubsub, 1)
      yield* run(Stream.fromSubscription(subscription).pipe(Stream.tap(() => release)))
      deepStrictEqual(yield* endOf("event"), ["released", "success"])
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is by a release where a fiber of its own read, as where streams are merged", () =>
    Effect.gen(function* () {
      const { subscription, release } = yield* subscribed
      const merged = Stream.fromSubscription(subscription).pipe(
        Stream.merge(Stream.never, { haltStrategy: "left" }),
      )
      const reading = yield* start(run(merged))
      yield* Effect.yieldNow
      yield* release
      yield* Fiber.join(reading)
      deepStrictEqual(yield* endOf("event"), ["released", "success"])
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is by a release of all that it read where that is more than one", () =>
    Effect.gen(function* () {
      const [one, other] = [yield* subscribed, yield* subscribed]
      const merged = Stream.fromSubscription(one.subscription).pipe(
        Stream.merge(Stream.fromSubscription(other.subscription)),
      )
      const reading = yield* start(run(merged))
      yield* Effect.yieldNow
      yield* one.release
      yield* other.release
      yield* Fiber.join(reading)
      deepStrictEqual(yield* endOf("event"), ["released", "success"])
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is by the client where the interrupt says so", () =>
    Effect.gen(function* () {
      const { subscription } = yield* subscribed
      const reading = yield* start(run(Stream.fromSubscription(subscription)))
      reading.interruptUnsafe(undefined, ClientAbort.annotation)
      yield* Fiber.await(reading)
      deepStrictEqual(yield* endOf("event"), ["client", "interrupt"])
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is by the client although its subscription is released with it", () =>
    Effect.gen(function* () {
      const pubsub = yield* bus
      const body = subscribeTraced(pubsub).pipe(Effect.map(Stream.fromSubscription), Stream.unwrap)
      const reading = yield* start(run(body))
      reading.interruptUnsafe(undefined, ClientAbort.annotation)
      yield* Fiber.await(reading)
      deepStrictEqual(yield* endOf("event"), ["client", "interrupt"])
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is by shutdown where the program is stopping", () =>
    Effect.gen(function* () {
      const { pubsub, subscription } = yield* subscribed
      const lifetimes = yield* Lifetimes
      const reading = yield* start(run(Stream.fromSubscription(subscription)))
      lifetimes.beginShutdown()
      yield* PubSub.shutdown(pubsub)
      yield* Fiber.join(reading)
      deepStrictEqual(yield* endOf("event"), ["shutdown", "success"])
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is by shutdown where it is cut off while the program is stopping", () =>
    Effect.gen(function* () {
      const { subscription } = yield* subscribed
      const lifetimes = yield* Lifetimes
      const reading = yield* start(run(Stream.fromSubscription(subscription)))
      lifetimes.beginShutdown()
      yield* Fiber.interrupt(reading)
      deepStrictEqual(yield* endOf("event"), ["shutdown", "interrupt"])
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is by failure where it failed, and names the error", () =>
    Effect.gen(function* () {
      yield* Effect.exit(run(Stream.fail(new RangeError("too far"))))
      const { endedBy, exit, failure } = yield* endedStream("event")
      deepStrictEqual([endedBy, exit], ["failure", "failure"])
      deepStrictEqual(failure, { type: "RangeError", message: "too far", defect: false })
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is by failure where a defect ended it", () =>
    Effect.gen(function* () {
      yield* Effect.exit(run(Stream.die(new TypeError("not a function"))))
      const { endedBy, failure } = yield* endedStream("event")
      deepStrictEqual([endedBy, failure?.type, failure?.defect], ["failure", "TypeError", true])
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is a failure although the subscription it read was released before", () =>
    Effect.gen(function* () {
      const { subscription, release } = yield* subscribed
      yield* release
      const failing = Stream.concat(Stream.fromSubscription(subscription), Stream.fail("the end"))
      yield* Effect.exit(run(failing))
      strictEqual((yield* endedStream("event")).endedBy, "failure")
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is not by a release where somebody downstream takes only so many", () =>
    Effect.gen(function* () {
      const { pubsub, subscription, release } = yield* subscribed
      yield* PubSub.publishAll(pubsub, [1, 2])
      yield* Stream.fromSubscription(subscription).pipe(
        tracedStream("event"),
        Stream.take(1),
        Stream.runDrain,
      )
      yield* release
      deepStrictEqual(yield* endOf("event"), ["upstream", "success"])
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is not by a release where its own run released what it read", () =>
    Effect.gen(function* () {
      const pubsub = yield* bus
      const body = subscribeTraced(pubsub).pipe(Effect.map(Stream.fromSubscription), Stream.unwrap)
      const reading = yield* start(run(body.pipe(Stream.take(1))))
      yield* PubSub.publish(pubsub, 1)
      yield* Fiber.join(reading)
      deepStrictEqual(yield* endOf("event"), ["upstream", "success"])
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is not by a release where it is cut short while a fork of its own reads", () =>
    Effect.gen(function* () {
      const pubsub = yield* bus
      const enough = yield* Latch.make()
      const events = Stream.unwrap(Effect.map(subscribeTraced(pubsub), Stream.fromSubscription))
      const body = events.pipe(Stream.buffer({ capacity: 8 }), Stream.interruptWhen(enough.await))
      const reading = yield* start(run(body))
      yield* Effect.yieldNow
      yield* enough.open
      yield* Fiber.join(reading)
      deepStrictEqual(yield* endOf("event"), ["upstream", "success"])
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is not by a release where another stream's subscription was released", () =>
    Effect.gen(function* () {
      const [one, other] = [yield* subscribed, yield* subscribed]
      const reading = yield* start(run(Stream.fromSubscription(one.subscription)))
      yield* other.release
      yield* PubSub.shutdown(one.pubsub)
      yield* Fiber.join(reading)
      deepStrictEqual(yield* endOf("event"), ["upstream", "success"])
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is by a release for the innermost of two streams within each other", () =>
    Effect.gen(function* () {
      const { subscription, release } = yield* subscribed
      const nested = Stream.fromSubscription(subscription).pipe(tracedStream("inner"))
      const reading = yield* start(run(nested))
      yield* release
      yield* Fiber.join(reading)
      deepStrictEqual(yield* endOf("inner"), ["released", "success"])
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is in its scope where it ends in the handler's own", () =>
    Effect.gen(function* () {
      const pubsub = yield* bus
      yield* Effect.gen(function* () {
        const subscription = yield* subscribeTraced(pubsub)
        yield* PubSub.publish(pubsub, 1)
        yield* run(Stream.fromSubscription(subscription).pipe(Stream.take(1)))
      }).pipe(tracedScope("handler"))
      deepStrictEqual(yield* endOf("event"), ["upstream", "success"])
    }).pipe(Effect.provide(recorded())),
  )
})
