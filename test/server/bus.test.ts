import { describe, expect, it } from "@effect/vitest"
import { Effect, PubSub, Stream } from "effect"
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

  it.effect("gives a subscriber that is exactly 1,024 events behind all of them", () =>
    Effect.gen(function* () {
      const bus = yield* Bus
      const subscription = yield* bus.subscribeAll()
      for (let n = 0; n < 1_024; n++) yield* bus.publish({ type: "x", properties: {} })
      const received = yield* frames(subscription).pipe(Stream.take(1_024), Stream.runCollect)
      expect(received).toHaveLength(1_024)
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
