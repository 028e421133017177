import { deepStrictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import { answer, eventStream } from "./exchange.ts"
import { Recording, recorded } from "./recording.ts"

const opened = Effect.gen(function* () {
  const { open } = yield* Recording
  return open.map(([name, at]) => [name, at / 1e6])
})

const stream = Effect.forkChild(answer(Effect.succeed(eventStream(Stream.never))), {
  startImmediately: true,
})

describe("an exchange that stays open", () => {
  it.effect("is told to be open after 1 s, 10 s, 1 min and 10 min, and then no more", () =>
    Effect.gen(function* () {
      yield* stream
      yield* TestClock.adjust("2 hours")
      deepStrictEqual(yield* opened, [
        ["GET /event", 1],
        ["GET /event", 10],
        ["GET /event", 60],
        ["GET /event", 600],
      ])
    }).pipe(Effect.provide(recorded({ markOpen: true }))),
  )

  it.effect("is told within a quarter of a second, whenever it began", () =>
    Effect.gen(function* () {
      yield* TestClock.adjust("10 millis")
      yield* stream
      yield* TestClock.adjust("5 seconds")
      deepStrictEqual(yield* opened, [["GET /event", 1.25]])
    }).pipe(Effect.provide(recorded({ markOpen: true }))),
  )

  it.effect("is not told of where nobody asked for it", () =>
    Effect.gen(function* () {
      yield* stream
      yield* TestClock.adjust("2 hours")
      deepStrictEqual(yield* opened, [])
    }).pipe(Effect.provide(recorded())),
  )
})

describe("an exchange that ends within a second", () => {
  it.effect("is never told to be open", () =>
    Effect.gen(function* () {
      yield* answer(Effect.succeed(eventStream(Stream.make(1))))
      yield* TestClock.adjust("1 minute")
      deepStrictEqual(yield* opened, [])
    }).pipe(Effect.provide(recorded({ markOpen: true }))),
  )
})
