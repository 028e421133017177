import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import { subscribeTraced, tracedPubSub, tracedStream } from "../../otel/index.ts"
import { endedStream, lastSubscription, recorded } from "./recording.ts"

const pass = (millis: number) => TestClock.adjust(millis)

const start = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.forkChild(effect, { startImmediately: true })

const subscribed = (pubsub: PubSub.PubSub<number>) =>
  Stream.unwrap(Effect.map(subscribeTraced(pubsub), Stream.fromSubscription))

/** Sends a first frame, and subscribes 5 ms later; gives what is counted as missed. */
const late = (
  make: Effect.Effect<PubSub.PubSub<number>>,
  meanwhile: (pubsub: PubSub.PubSub<number>) => Effect.Effect<unknown>,
) =>
  Effect.gen(function* () {
    const pubsub = yield* make.pipe(tracedPubSub("bus"))
    yield* PubSub.publish(pubsub, -1)
    yield* pass(1)
    const pause = Stream.drain(Stream.fromEffect(Effect.sleep(5)))
    const body = Stream.make(0).pipe(Stream.concat(pause), Stream.concat(subscribed(pubsub)))
    const reading = yield* start(body.pipe(tracedStream("event"), Stream.runDrain))
    yield* pass(2)
    yield* meanwhile(pubsub)
    yield* pass(10)
    yield* PubSub.publish(pubsub, 9)
    yield* pass(1)
    yield* Fiber.interrupt(reading)
    return yield* lastSubscription("bus")
  }).pipe(Effect.provide(recorded()))

describe("what a late subscription has missed", () => {
  it.effect("is what was published since the first frame, and before it", () =>
    Effect.gen(function* () {
      const { missedBefore, replays } = yield* late(PubSub.unbounded<number>(), (pubsub) =>
        Effect.andThen(PubSub.publish(pubsub, 1), PubSub.publish(pubsub, 2)),
      )
      deepStrictEqual([missedBefore, replays], [2, false])
    }),
  )

  it.effect("is counted message by message where they were published at once", () =>
    Effect.gen(function* () {
      const { missedBefore } = yield* late(PubSub.unbounded<number>(), (pubsub) =>
        PubSub.publishAll(pubsub, [1, 2, 3]),
      )
      strictEqual(missedBefore, 3)
    }),
  )

  it.effect("is known of the last 256 publishes, and no more is kept", () =>
    Effect.gen(function* () {
      const { missedBefore, pubsub } = yield* late(PubSub.unbounded<number>(), (bus) =>
        Effect.repeat(PubSub.publish(bus, 1), { times: 999 }),
      )
      deepStrictEqual(
        [missedBefore, pubsub.recent.between(0, Number.POSITIVE_INFINITY)],
        [256, 256],
      )
    }),
  )

  it.effect("is nothing where nothing was published in between", () =>
    Effect.gen(function* () {
      strictEqual((yield* late(PubSub.unbounded<number>(), () => Effect.void)).missedBefore, 0)
    }),
  )

  it.effect("is counted of a sliding PubSub that nobody else is subscribed to", () =>
    Effect.gen(function* () {
      const { missedBefore } = yield* late(PubSub.sliding<number>(2), (pubsub) =>
        PubSub.publishAll(pubsub, [1, 2, 3]),
      )
      strictEqual(missedBefore, 3)
    }),
  )

  it.effect("counts what a full PubSub refused", () =>
    Effect.gen(function* () {
      const { missedBefore } = yield* late(PubSub.dropping<number>(2), (pubsub) =>
        Effect.scoped(
          Effect.andThen(PubSub.subscribe(pubsub), PubSub.publishAll(pubsub, [1, 2, 3])),
        ),
      )
      strictEqual(missedBefore, 3)
    }),
  )

  it.effect("is nothing where the PubSub replays it", () =>
    Effect.gen(function* () {
      const { missedBefore, replays } = yield* late(
        PubSub.unbounded<number>({ replay: 8 }),
        (pubsub) => PubSub.publishAll(pubsub, [1, 2, 3]),
      )
      deepStrictEqual([missedBefore, replays], [0, true])
    }),
  )

  it.effect("is what a PubSub does not replay of it", () =>
    Effect.gen(function* () {
      const { missedBefore } = yield* late(PubSub.unbounded<number>({ replay: 2 }), (pubsub) =>
        PubSub.publishAll(pubsub, [1, 2, 3]),
      )
      strictEqual(missedBefore, 1)
    }),
  )

  it.effect("is nothing where the stream read another subscription from the start", () =>
    Effect.gen(function* () {
      const first = yield* PubSub.unbounded<number>().pipe(tracedPubSub("first"))
      const second = yield* PubSub.unbounded<number>().pipe(tracedPubSub("second"))
      const body = Stream.concat(Stream.take(subscribed(first), 1), subscribed(second))
      const reading = yield* start(body.pipe(tracedStream("event"), Stream.runDrain))
      yield* PubSub.publish(first, 1)
      yield* PubSub.publish(second, 1)
      yield* pass(1)
      yield* PubSub.publish(second, 2)
      yield* pass(1)
      yield* Fiber.interrupt(reading)
      strictEqual((yield* lastSubscription("second")).missedBefore, 0)
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is nothing where the subscription was acquired before the first frame", () =>
    Effect.gen(function* () {
      const pubsub = yield* PubSub.unbounded<number>().pipe(tracedPubSub("bus"))
      const body = Effect.map(subscribeTraced(pubsub), (subscription) =>
        Stream.make(0).pipe(
          Stream.concat(Stream.drain(Stream.fromEffect(Effect.sleep(5)))),
          Stream.concat(Stream.fromSubscription(subscription)),
        ),
      )
      const reading = yield* start(Stream.unwrap(body).pipe(tracedStream("event"), Stream.runDrain))
      yield* pass(2)
      yield* PubSub.publish(pubsub, 1)
      yield* pass(10)
      yield* Fiber.interrupt(reading)
      strictEqual((yield* lastSubscription("bus")).missedBefore, 0)
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is judged by 256 forks that have sent something, and no more are kept", () =>
    Effect.gen(function* () {
      const isSent = yield* Latch.make()
      const forks = Stream.range(1, 3_000).pipe(
        Stream.rechunk(1),
        Stream.flatMap(Stream.succeed, { concurrency: 2 }),
      )
      const body = Stream.filter(forks, () => false).pipe(
        Stream.concat(Stream.fromEffectDrain(isSent.open)),
        Stream.concat(Stream.never),
      )
      const reading = yield* start(body.pipe(tracedStream("event"), Stream.runDrain))
      yield* isSent.await
      yield* Fiber.interrupt(reading)
      const { senders } = yield* endedStream("event")
      strictEqual(senders?.size, 256)
    }).pipe(Effect.provide(recorded())),
  )
})
