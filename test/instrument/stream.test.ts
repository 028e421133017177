import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import { subscribeTraced, tracedPubSub, tracedStream } from "../../otel/index.ts"
import { endedStream, endedSubscription, Recording, recorded } from "./recording.ts"

const pass = (millis: number) => TestClock.adjust(millis)

const bus = PubSub.bounded<number>(8).pipe(tracedPubSub("bus"))

const start = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.forkChild(effect, { startImmediately: true })

describe("a traced stream", () => {
  it.effect("tells when a run began, when its first element came and when it ended", () =>
    Effect.gen(function* () {
      const elements = Stream.fromIterable([1, 2]).pipe(Stream.rechunk(1))
      const slow = elements.pipe(Stream.mapEffect((element) => Effect.as(pass(2), element)))
      yield* pass(1)
      yield* slow.pipe(tracedStream("event"), Stream.runDrain)
      const { startedAt, firstEventAt, endedAt } = yield* endedStream("event")
      deepStrictEqual([startedAt, firstEventAt, endedAt], [1_000, 3_000, 5_000])
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("counts elements and not chunks", () =>
    Effect.gen(function* () {
      const chunks = Stream.fromIterable([1, 2, 3]).pipe(Stream.concat(Stream.make(4)))
      yield* chunks.pipe(tracedStream("event"), Stream.runDrain)
      strictEqual((yield* endedStream("event")).events, 4)
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("without elements has no first one", () =>
    Effect.gen(function* () {
      yield* Stream.empty.pipe(tracedStream("event"), Stream.runDrain)
      const { firstEventAt, events } = yield* endedStream("event")
      deepStrictEqual([firstEventAt, events], [undefined, 0])
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is recorded anew in every run, and not before it is run", () =>
    Effect.gen(function* () {
      const { ended } = yield* Recording
      const stream = Stream.make(1).pipe(tracedStream("event"))
      strictEqual(ended.length, 0)
      yield* Stream.runDrain(stream)
      yield* Stream.runDrain(stream)
      strictEqual(new Set(ended.map(({ span }) => span.spanId)).size, 2)
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("names the fiber that runs it", () =>
    Effect.gen(function* () {
      const fiber = yield* start(Stream.make(1).pipe(tracedStream("event"), Stream.runDrain))
      yield* Fiber.join(fiber)
      strictEqual((yield* endedStream("event")).fiber, fiber.id)
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("names the subscription that it reads", () =>
    Effect.gen(function* () {
      const pubsub = yield* bus
      yield* Effect.gen(function* () {
        const subscription = yield* subscribeTraced(pubsub)
        yield* PubSub.publish(pubsub, 1)
        const one = Stream.fromSubscription(subscription).pipe(Stream.take(1))
        yield* one.pipe(tracedStream("event"), Stream.runDrain)
      }).pipe(Effect.scoped)
      const { span } = yield* endedSubscription("bus")
      deepStrictEqual((yield* endedStream("event")).reads, [span.spanId])
    }).pipe(Effect.provide(recorded())),
  )

  it.effect(
    "names the subscription that a fiber of its own reads, as where streams are merged",
    () =>
      Effect.gen(function* () {
        const pubsub = yield* bus
        yield* Effect.gen(function* () {
          const subscription = yield* subscribeTraced(pubsub)
          const merged = Stream.fromSubscription(subscription).pipe(
            Stream.merge(Stream.never),
            Stream.take(1),
          )
          const reading = yield* start(merged.pipe(tracedStream("event"), Stream.runDrain))
          yield* PubSub.publish(pubsub, 1)
          yield* Fiber.join(reading)
        }).pipe(Effect.scoped)
        const { span, delivered } = yield* endedSubscription("bus")
        strictEqual(delivered, 1)
        deepStrictEqual((yield* endedStream("event")).reads, [span.spanId])
      }).pipe(Effect.provide(recorded())),
  )

  it.effect("names both subscriptions where it reads one after the other", () =>
    Effect.gen(function* () {
      const [one, other] = [yield* bus, yield* bus]
      yield* Effect.gen(function* () {
        const first = yield* subscribeTraced(one)
        const second = yield* subscribeTraced(other)
        yield* PubSub.publish(one, 1)
        yield* PubSub.publish(other, 2)
        const take = (subscription: PubSub.Subscription<number>) =>
          Stream.fromSubscription(subscription).pipe(Stream.take(1))
        const both = Stream.concat(take(first), take(second))
        yield* both.pipe(tracedStream("event"), Stream.runDrain)
      }).pipe(Effect.scoped)
      strictEqual((yield* endedStream("event")).reads.length, 2)
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("reads what the stream around it has read on the same fiber", () =>
    Effect.gen(function* () {
      const pubsub = yield* bus
      yield* Effect.gen(function* () {
        const subscription = yield* subscribeTraced(pubsub)
        yield* PubSub.publishAll(pubsub, [1, 2])
        const take = Stream.fromEffect(PubSub.take(subscription))
        const inner = take.pipe(tracedStream("inner"), Stream.runDrain)
        const around = Stream.fromEffect(Effect.andThen(PubSub.take(subscription), inner))
        yield* around.pipe(tracedStream("around"), Stream.runDrain)
      }).pipe(Effect.scoped)
      deepStrictEqual((yield* endedStream("inner")).reads, (yield* endedStream("around")).reads)
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("does not read what is read by a stream that follows it on the same fiber", () =>
    Effect.gen(function* () {
      const pubsub = yield* bus
      yield* Effect.gen(function* () {
        const subscription = yield* subscribeTraced(pubsub)
        yield* PubSub.publish(pubsub, 1)
        const first = Stream.make(0).pipe(tracedStream("first"))
        const second = Stream.fromSubscription(subscription).pipe(
          Stream.take(1),
          tracedStream("second"),
        )
        yield* Stream.concat(first, second).pipe(Stream.runDrain)
      }).pipe(Effect.scoped)
      const { span } = yield* endedSubscription("bus")
      deepStrictEqual((yield* endedStream("first")).reads, [])
      deepStrictEqual((yield* endedStream("second")).reads, [span.spanId])
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("of two within each other the innermost reads", () =>
    Effect.gen(function* () {
      const pubsub = yield* bus
      yield* Effect.gen(function* () {
        const subscription = yield* subscribeTraced(pubsub)
        yield* PubSub.publish(pubsub, 1)
        yield* Stream.fromSubscription(subscription).pipe(
          Stream.take(1),
          tracedStream("inner"),
          Stream.map((element) => element + 1),
          tracedStream("outer"),
          Stream.runDrain,
        )
      }).pipe(Effect.scoped)
      const { span } = yield* endedSubscription("bus")
      deepStrictEqual((yield* endedStream("inner")).reads, [span.spanId])
    }).pipe(Effect.provide(recorded())),
  )
})
