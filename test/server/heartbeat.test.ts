import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Schema, Stream } from "effect"
import { TestClock } from "effect/testing"
import { Bus, type EventSubscription, frames } from "../../src/server/bus.ts"
import { Event } from "../../src/server/frame.ts"
import { layerHeartbeat } from "../../src/server/heartbeat.ts"

const beating = layerHeartbeat.pipe(Layer.provideMerge(Bus.layer))

const decodeFrame = (frame: Uint8Array) =>
  Schema.decodeUnknownSync(Schema.fromJsonString(Event))(
    new TextDecoder().decode(frame).replace(/^data: /, ""),
  )

/** What a subscription brings, as it comes. */
const readFrom = Effect.fnUntraced(function* (subscription: EventSubscription) {
  const received: Array<Event> = []
  yield* frames(subscription).pipe(
    Stream.runForEach((frame) => Effect.sync(() => received.push(decodeFrame(frame)))),
    Effect.forkScoped,
  )
  return received
})

const listening = Effect.gen(function* () {
  const bus = yield* Bus
  return yield* readFrom(yield* bus.subscribeAll())
})

describe("the heartbeat", () => {
  it.effect("is published first after 10 seconds", () =>
    Effect.gen(function* () {
      const received = yield* listening
      yield* TestClock.adjust("9999 millis")
      expect(received).toEqual([])
      yield* TestClock.adjust("1 millis")
      expect(received).toEqual([
        { id: expect.stringMatching(/^evt_/), type: "server.heartbeat", properties: {} },
      ])
    }).pipe(Effect.provide(beating)),
  )

  it.effect("is published again every 10 seconds, each time as an event of its own", () =>
    Effect.gen(function* () {
      const received = yield* listening
      for (const count of [1, 2, 3, 4, 5, 6]) {
        yield* TestClock.adjust("10 seconds")
        expect(received).toHaveLength(count)
      }
      expect(new Set(received.map(({ id }) => id)).size).toBe(6)
    }).pipe(Effect.provide(beating)),
  )

  it.effect("reaches nobody whose subscription has been released", () =>
    Effect.gen(function* () {
      const bus = yield* Bus
      const received = yield* readFrom(yield* Effect.scoped(bus.subscribeAll()))
      yield* TestClock.adjust("60 seconds")
      expect(received).toEqual([])
    }).pipe(Effect.provide(beating)),
  )
})
