import { deepStrictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { answer, eventStream } from "./exchange.ts"
import { Recording, recorded } from "./recording.ts"

type Bus = PubSub.PubSub<number>

/** Subscribes to the room, shuts it down, and streams the end of it. */
const close = (room: Effect.Effect<Bus>) =>
  Effect.gen(function* () {
    const bus = yield* room
    const subscription = yield* PubSub.subscribe(bus)
    yield* PubSub.shutdown(bus)
    const last = Stream.concat(Stream.fromSubscription(subscription), Stream.make(2))
    return eventStream(Stream.concat(Stream.make(1), last))
  })

const found = Effect.map(Recording, ({ findings }) => findings.map(({ rule }) => rule))

describe("a PubSub that a handler shut down before it returned a body that reads it", () => {
  it.effect("was taken away from the body where the handler had made it", () =>
    Effect.gen(function* () {
      yield* answer(close(PubSub.unbounded<number>()))
      deepStrictEqual(yield* found, ["scope-closed-early"])
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("was ended for all on purpose where others had made it", () =>
    Effect.gen(function* () {
      const bus = yield* PubSub.unbounded<number>()
      yield* answer(close(Effect.succeed(bus)))
      deepStrictEqual(yield* found, [])
    }).pipe(Effect.provide(recorded())),
  )
})
