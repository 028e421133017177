import { deepStrictEqual } from "node:assert"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Latch from "effect/Latch"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import { subscribeTraced, tracedPubSub, tracedScope } from "../../otel/index.ts"
import type { ExchangeRecord } from "../../otel/instrument/records/record.ts"
import { Registry } from "../../otel/instrument/records/registry.ts"
import { answer, eventStream, type Handler } from "./exchange.ts"
import { Recording, recorded } from "./recording.ts"

const pass = (millis: number) => TestClock.adjust(millis)

const closedEarly = Effect.gen(function* () {
  const bus = yield* PubSub.unbounded<number>().pipe(tracedPubSub("bus"))
  return eventStream(Stream.fromSubscription(yield* subscribeTraced(bus)))
}).pipe(tracedScope("handler"))

/** Answers a request, and gives what was said of it 1 ms later. */
const answered = (handler: Handler) =>
  Effect.gen(function* () {
    const { exchanges } = yield* Registry
    const served: Array<ExchangeRecord> = []
    const noting = Effect.tap(handler, () => Effect.sync(() => served.push(...exchanges)))
    yield* Effect.forkChild(answer(noting), { startImmediately: true })
    yield* pass(1)
    const { findings } = yield* Recording
    return {
      said: served.map(({ said }) => said?.rule),
      completed: served.map(({ completed }) => completed),
      apart: findings.map(({ rule }) => rule),
    }
  })

const whenDone = recorded({}, "when done")

describe("a server span that is written when its exchange is done", () => {
  it.effect(
    "tells what was found when the request scope had closed, as its own span does, once",
    () =>
      Effect.gen(function* () {
        deepStrictEqual(yield* answered(closedEarly), {
          said: ["scope-closed-early"],
          completed: [true],
          apart: ["scope-closed-early"],
        })
      }).pipe(Effect.provide(whenDone)),
  )

  it.effect("tells the same while a finalizer keeps the request scope open", () =>
    Effect.gen(function* () {
      const finalized = yield* Latch.make()
      const slow = Effect.addFinalizer(() => finalized.await)
      deepStrictEqual(yield* answered(Effect.andThen(slow, closedEarly)), {
        said: ["scope-closed-early"],
        completed: [false],
        apart: ["scope-closed-early"],
      })
      yield* finalized.open
    }).pipe(Effect.provide(whenDone)),
  )

  it.effect("tells the same as one that is written when it ends", () =>
    Effect.gen(function* () {
      deepStrictEqual(yield* answered(closedEarly), {
        said: ["scope-closed-early"],
        completed: [true],
        apart: ["scope-closed-early"],
      })
    }).pipe(Effect.provide(recorded({}, "at once"))),
  )
})

describe("a server span whose fiber has another clock than the Layer", () => {
  it.live("begins and ends with its scopes", () =>
    Effect.gen(function* () {
      const { exchanges } = yield* Registry
      const served: Array<ExchangeRecord> = []
      const noting = Effect.sync(() => served.push(...exchanges))
      const handler = Effect.as(noting, HttpServerResponse.empty())
      yield* answer(handler).pipe(Effect.provide(TestClock.layer()))
      const [exchange] = served
      const scope = exchange?.scopes[0]
      expect(exchange?.startedAt).toBeGreaterThan(0)
      expect(scope?.startedAt).toBe(exchange?.startedAt)
      expect(exchange?.endedAt).toBeGreaterThanOrEqual(exchange?.startedAt ?? Number.NaN)
    }).pipe(Effect.provide(recorded())),
  )
})
