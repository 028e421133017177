import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, PubSub, Stream } from "effect"
import { Bus, frames } from "../../src/server/bus.ts"

describe("the bus", () => {
  const flooded = Effect.gen(function* () {
    const bus = yield* Bus
    const subscription = yield* bus.subscribeAll()
    for (let n = 0; n < 5_000; n++) yield* bus.publish({ type: "x", properties: {} })
    return subscription
  })

  it.effect("keeps at most 1,024 events for a subscriber that does not take them", () =>
    Effect.gen(function* () {
      const { messages } = yield* flooded
      expect(yield* PubSub.remaining(messages)).toBe(1_024)
    }).pipe(Effect.provide(Bus.layer)),
  )

  it.effect("tells a subscriber that missed events how many, before it gives it another", () =>
    Effect.gen(function* () {
      const received: Array<Uint8Array> = []
      const failure = yield* frames(yield* flooded).pipe(
        Stream.runForEach((frame) => Effect.sync(() => received.push(frame))),
        Effect.flip,
      )
      expect(failure).toMatchObject({ _tag: "ClientTooSlow", missed: 5_000 - 1_024 })
      expect(received).toEqual([])
    }).pipe(Effect.provide(Bus.layer)),
  )

  it.live("gives a subscriber that reads on all events of one turn, however many come in it", () =>
    Effect.gen(function* () {
      const bus = yield* Bus
      const read = frames(yield* bus.subscribeAll()).pipe(Stream.take(5_000), Stream.runCount)
      const reader = yield* Effect.forkChild(read, { startImmediately: true })
      const publish = bus.publish({ type: "x", properties: {} })
      yield* Effect.replicateEffect(publish, 5_000, { concurrency: "unbounded", discard: true })
      expect(yield* Fiber.join(reader)).toBe(5_000)
    }).pipe(Effect.scoped, Effect.provide(Bus.layer)),
  )

  it.effect("gives a subscriber that is exactly 1,024 events behind all of them", () =>
    Effect.gen(function* () {
      const bus = yield* Bus
      const subscription = yield* bus.subscribeAll()
      for (let n = 0; n < 1_024; n++) yield* bus.publish({ type: "x", properties: {} })
      const received = yield* frames(subscription).pipe(Stream.take(1_024), Stream.runCollect)
      expect(received).toHaveLength(1_024)
    }).pipe(Effect.provide(Bus.layer)),
  )

  it.effect("publishes the events of one turn of the event loop together, in their order", () =>
    Effect.gen(function* () {
      const bus = yield* Bus
      const { messages } = yield* bus.subscribeAll()
      const reader = yield* Effect.forkChild(PubSub.takeAll(messages), {
        startImmediately: true,
      })
      const ids = yield* Effect.all(
        ["a", "b", "c"].map((type) => bus.publish({ type, properties: {} })),
        { concurrency: "unbounded" },
      )
      const taken = yield* Fiber.join(reader)
      const frames = taken.map((message) =>
        typeof message === "symbol" ? "the end" : new TextDecoder().decode(message.frame),
      )
      expect(frames).toEqual(ids.map((id) => expect.stringContaining(id)))
    }).pipe(Effect.provide(Bus.layer)),
  )

  it.effect("publishes what was to be published before its end, also in the same turn", () =>
    Effect.gen(function* () {
      const bus = yield* Bus
      const subscription = yield* bus.subscribeAll()
      const published = bus.publish({ type: "x", properties: {} })
      yield* Effect.all([published, published, bus.end], { concurrency: "unbounded" })
      expect(yield* Stream.runCollect(frames(subscription))).toHaveLength(2)
    }).pipe(Effect.provide(Bus.layer)),
  )

  it.effect("publishes an event also where its publisher is interrupted meanwhile", () =>
    Effect.gen(function* () {
      const bus = yield* Bus
      const { messages } = yield* bus.subscribeAll()
      const publisher = yield* Effect.forkChild(bus.publish({ type: "x", properties: {} }), {
        startImmediately: true,
      })
      yield* Fiber.interrupt(publisher)
      expect(yield* PubSub.remaining(messages)).toBe(1)
    }).pipe(Effect.provide(Bus.layer)),
  )

  it.effect("ends every subscription after what was published before its end", () =>
    Effect.gen(function* () {
      const bus = yield* Bus
      const subscriptions = yield* Effect.all([bus.subscribeAll(), bus.subscribeAll()])
      for (let n = 0; n < 3; n++) yield* bus.publish({ type: "x", properties: {} })
      yield* bus.end
      for (const subscription of subscriptions) {
        expect(yield* Stream.runCollect(frames(subscription))).toHaveLength(3)
      }
    }).pipe(Effect.provide(Bus.layer)),
  )
})
