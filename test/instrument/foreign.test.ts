import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import {
  Lifetimes,
  subscribeTraced,
  tracedPubSub,
  tracedScope,
  tracedStream,
} from "../../otel/index.ts"
import { answer, eventStream } from "./exchange.ts"
import { endedScope, endedStream, endedSubscription, Recording, recorded } from "./recording.ts"

const pass = (millis: number) => TestClock.adjust(millis)

const start = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.forkChild(effect, { startImmediately: true })

const read = (name: string, subscription: PubSub.Subscription<number>) =>
  answer(
    Effect.succeed(eventStream(Stream.fromSubscription(subscription).pipe(tracedStream(name)))),
  )

describe("a subscription that two exchanges share", () => {
  /** The first acquires it and leaves at 5 ms; the second reads it. */
  const shared = Effect.gen(function* () {
    const bus = yield* PubSub.unbounded<number>().pipe(tracedPubSub("relay"))
    let relay: PubSub.Subscription<number> | undefined
    const first = yield* start(
      answer(
        Effect.gen(function* () {
          relay = yield* subscribeTraced(bus)
          yield* Effect.sleep(5)
          return HttpServerResponse.empty()
        }),
      ),
    )
    if (relay === undefined) throw new Error("the handler did not run")
    const second = yield* start(read("second", relay))
    yield* pass(5)
    yield* Fiber.join(first)
    yield* Fiber.join(second)
  })

  it.effect("ends the stream of the other as released by a foreign owner", () =>
    Effect.gen(function* () {
      yield* shared
      const { endedBy, endedBySubscription, endedByForeign } = yield* endedStream("second")
      const { span } = yield* endedSubscription("relay")
      deepStrictEqual([endedBy, endedBySubscription], ["released", span.spanId])
      deepStrictEqual(endedByForeign, {
        subscription: span,
        name: "relay",
        owner: "request",
        code: undefined,
        belongsTo: "another exchange",
        releasedFor: 0,
      })
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is an upstream bound to its first consumer", () =>
    Effect.gen(function* () {
      yield* shared
      const { exchange } = yield* endedStream("second")
      deepStrictEqual(
        exchange?.matches.map(({ rule, confidence }) => [rule, confidence]),
        [["upstream-bound-to-first-consumer", "certain"]],
      )
    }).pipe(Effect.provide(recorded())),
  )
})

describe("a stream whose own exchange released what it read", () => {
  it.effect("was ended by nobody else", () =>
    Effect.gen(function* () {
      const bus = yield* PubSub.unbounded<number>().pipe(tracedPubSub("bus"))
      const body = Effect.scoped(Effect.map(subscribeTraced(bus), Stream.fromSubscription))
      yield* answer(Effect.map(body, (events) => eventStream(events.pipe(tracedStream("event")))))
      const { endedBy, endedByForeign } = yield* endedStream("event")
      deepStrictEqual([endedBy, endedByForeign], ["released", undefined])
    }).pipe(Effect.provide(recorded())),
  )
})

describe("a relay that the program owns", () => {
  it.effect("ends for everybody when the program stops, and nothing is found", () =>
    Effect.gen(function* () {
      const bus = yield* PubSub.unbounded<number>().pipe(tracedPubSub("relay"))
      const subscribed = Stream.unwrap(Effect.map(subscribeTraced(bus), Stream.fromSubscription))
      const body = eventStream(subscribed.pipe(tracedStream("event")))
      const clients = yield* Effect.forEach([1, 2], () => start(answer(Effect.succeed(body))))
      yield* pass(5)
      const lifetimes = yield* Lifetimes
      lifetimes.beginShutdown()
      yield* PubSub.shutdown(bus)
      yield* Effect.forEach(clients, (client) => Fiber.join(client))
      const { ended, findings } = yield* Recording
      deepStrictEqual(findings, [])
      strictEqual(ended.filter(({ name }) => name === "event").length, 2)
    }).pipe(Effect.provide(recorded())),
  )
})

describe("a subscription that the program had released before", () => {
  const early = Effect.gen(function* () {
    const bus = yield* PubSub.unbounded<number>().pipe(tracedPubSub("bus"))
    const events = yield* Effect.map(subscribeTraced(bus), Stream.fromSubscription).pipe(
      tracedScope("start", "layer"),
    )
    yield* pass(5)
    yield* answer(Effect.succeed(eventStream(events.pipe(tracedStream("event")))))
  })

  it.effect("is a scope that closed early, and not the upstream of another exchange", () =>
    Effect.gen(function* () {
      yield* early
      const { exchange } = yield* endedStream("event")
      deepStrictEqual(
        exchange?.matches.map(({ rule, confidence, message }) => [rule, confidence, message]),
        [
          [
            "scope-closed-early",
            "certain",
            'Scope "start" of the program had closed 5.00 ms before GET /event began, and released ' +
              'subscription "bus", which stream "event" had to read; the stream ended at 0.00 ms after ' +
              "0 events, and its client saw a clean end.",
          ],
        ],
      )
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("leads to spans that are told as well: its own, and that of its scope", () =>
    Effect.gen(function* () {
      yield* early
      const { readsFrom } = yield* endedStream("event")
      const { span } = yield* endedSubscription("bus")
      deepStrictEqual(
        readsFrom.map((read) => read.span),
        [span],
      )
      const scope = yield* endedScope("start")
      deepStrictEqual(readsFrom[0]?.owner.spanId, scope.span.spanId)
      deepStrictEqual(span.traceId, scope.span.traceId)
    }).pipe(Effect.provide(recorded())),
  )
})
