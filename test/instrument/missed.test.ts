import { deepStrictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as PubSub from "effect/PubSub"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import { subscribeTraced, tracedPubSub, tracedStream } from "../../otel/index.ts"
import { answer, eventStream } from "./exchange.ts"
import { lastSubscription, recorded } from "./recording.ts"

type Events = Stream.Stream<number>

/** What a handler does with what it is subscribed to, and with the work on the first, which takes as long as 80 others. */
type Use = (
  events: Events,
  work: Effect.Effect<void>,
) => Effect.Effect<HttpServerResponse.HttpServerResponse, never, Scope.Scope>

/** How much of 100 messages is missed that come after the first, with room for four. */
const missed = (use: Use) =>
  Effect.gen(function* () {
    const worked = yield* Deferred.make<void>()
    const pubsub = yield* PubSub.sliding<number>(4).pipe(tracedPubSub("bus"))
    const handler = Effect.gen(function* () {
      const events = Stream.fromSubscription(yield* subscribeTraced(pubsub))
      return yield* use(tracedStream("event")(events), Deferred.await(worked))
    })
    const request = yield* Effect.forkChild(answer(handler), { startImmediately: true })
    yield* TestClock.adjust("1 second")
    for (let event = 0; event < 101; event++) {
      yield* PubSub.publish(pubsub, event)
      yield* TestClock.adjust("10 millis")
      if (event === 80) yield* Deferred.succeed(worked, undefined)
    }
    request.interruptUnsafe()
    yield* TestClock.adjust("1 minute")
    return (yield* lastSubscription("bus")).missed
  }).pipe(Effect.provide(recorded()))

const slowly = (events: Events, times: number, work: Effect.Effect<void>) =>
  Stream.mapEffect(Stream.take(events, times), (event) => Effect.as(work, event))

const thenEndless = (events: Events): HttpServerResponse.HttpServerResponse =>
  eventStream(Stream.concat(events, Stream.never))

describe("what was lost while a reader is busy", () => {
  it.effect("is not missed where its body works on the last that it takes", () =>
    Effect.gen(function* () {
      const use: Use = (events, work) => Effect.succeed(thenEndless(slowly(events, 1, work)))
      deepStrictEqual(yield* missed(use), 0)
    }),
  )

  it.effect("is missed where its body comes back", () =>
    Effect.gen(function* () {
      const use: Use = (events, work) => Effect.succeed(thenEndless(slowly(events, 10, work)))
      deepStrictEqual((yield* missed(use)) > 0, true)
    }),
  )

  it.effect("is not missed where a fiber without a body works on the last that it takes", () =>
    Effect.gen(function* () {
      const use: Use = (events, work) =>
        Effect.as(Stream.runDrain(slowly(events, 1, work)), HttpServerResponse.empty())
      deepStrictEqual(yield* missed(use), 0)
    }),
  )

  it.effect("is missed where a fiber without a body comes back", () =>
    Effect.gen(function* () {
      const use: Use = (events, work) =>
        Effect.as(Stream.runDrain(slowly(events, 10, work)), HttpServerResponse.empty())
      deepStrictEqual((yield* missed(use)) > 0, true)
    }),
  )
})
