import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as PubSub from "effect/PubSub"
import * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"
import {
  forkTracedScope,
  subscribeTraced,
  traceCurrentScope,
  tracedPubSub,
  tracedScope,
} from "../../otel/index.ts"
import { endedScope, endedSubscription, recorded } from "./recording.ts"

const pass = (millis: number) => TestClock.adjust(millis)

const bus = PubSub.bounded<number>(8).pipe(tracedPubSub("bus"))

describe("a traced subscription", () => {
  it.effect("tells when it was acquired and when it was released", () =>
    Effect.gen(function* () {
      const pubsub = yield* bus
      yield* pass(1)
      yield* subscribeTraced(pubsub).pipe(Effect.andThen(pass(4)), Effect.scoped)
      const { startedAt, endedAt } = yield* endedSubscription("bus")
      deepStrictEqual([startedAt, endedAt], [1_000, 5_000])
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is owned and released by the scope it was acquired in", () =>
    Effect.gen(function* () {
      const pubsub = yield* bus
      yield* subscribeTraced(pubsub).pipe(tracedScope("handler"), tracedScope("request", "request"))
      const handler = yield* endedScope("handler")
      const { owner, releasedBy, finished } = yield* endedSubscription("bus")
      deepStrictEqual([owner.name, owner.spanId], ["handler", handler.span.spanId])
      deepStrictEqual([releasedBy, finished], [handler.span.spanId, false])
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("belongs to the fork of a scope that it was acquired in", () =>
    Effect.gen(function* () {
      const pubsub = yield* bus
      const application = yield* Scope.make()
      yield* Effect.gen(function* () {
        const connection = yield* forkTracedScope(application, "connection")
        yield* subscribeTraced(pubsub).pipe(Scope.provide(connection))
        yield* Scope.close(connection, Exit.void)
      }).pipe(tracedScope("request", "request"))
      const connection = yield* endedScope("connection")
      const { owner, parentSpan } = yield* endedSubscription("bus")
      strictEqual(owner.spanId, connection.span.spanId)
      strictEqual(parentSpan?.spanId, connection.span.spanId)
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("says that a scope which nobody could see owns it", () =>
    Effect.gen(function* () {
      const pubsub = yield* bus
      const inner = yield* Scope.fork(yield* Scope.make())
      yield* subscribeTraced(pubsub).pipe(Scope.provide(inner))
      yield* Scope.close(inner, Exit.void)
      const { owner, releasedBy } = yield* endedSubscription("bus")
      deepStrictEqual(owner, { name: "an untraced scope", spanId: undefined, inExchange: false })
      strictEqual(releasedBy, undefined)
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("counts what was delivered, however it was taken", () =>
    Effect.gen(function* () {
      const pubsub = yield* bus
      yield* Effect.gen(function* () {
        const subscription = yield* subscribeTraced(pubsub)
        yield* PubSub.publishAll(pubsub, [1, 2, 3, 4, 5])
        yield* PubSub.take(subscription)
        yield* PubSub.takeUpTo(subscription, 2)
        yield* PubSub.takeAll(subscription)
      }).pipe(Effect.scoped)
      strictEqual((yield* endedSubscription("bus")).delivered, 5)
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("counts what is delivered to a reader that was waiting for it", () =>
    Effect.gen(function* () {
      const pubsub = yield* bus
      yield* Effect.gen(function* () {
        const subscription = yield* subscribeTraced(pubsub)
        const taking = yield* Effect.forkChild(PubSub.take(subscription), {
          startImmediately: true,
        })
        yield* PubSub.publish(pubsub, 1)
        strictEqual(yield* Fiber.join(taking), 1)
      }).pipe(Effect.scoped)
      strictEqual((yield* endedSubscription("bus")).delivered, 1)
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("tells when the first message was taken", () =>
    Effect.gen(function* () {
      const pubsub = yield* bus
      yield* Effect.gen(function* () {
        const subscription = yield* subscribeTraced(pubsub)
        yield* PubSub.publishAll(pubsub, [1, 2])
        yield* pass(3)
        yield* PubSub.take(subscription)
        yield* pass(3)
        yield* PubSub.take(subscription)
      }).pipe(Effect.scoped)
      strictEqual((yield* endedSubscription("bus")).firstEventAt, 3_000)
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("tells how many messages waited at most", () =>
    Effect.gen(function* () {
      const pubsub = yield* bus
      yield* Effect.gen(function* () {
        const subscription = yield* subscribeTraced(pubsub)
        yield* PubSub.publishAll(pubsub, [1, 2, 3])
        yield* PubSub.takeAll(subscription)
        yield* PubSub.publish(pubsub, 4)
      }).pipe(Effect.scoped)
      strictEqual((yield* endedSubscription("bus")).backlogMax, 3)
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("counts the messages that waited although they are taken one by one", () =>
    Effect.gen(function* () {
      const pubsub = yield* bus
      yield* Effect.gen(function* () {
        const subscription = yield* subscribeTraced(pubsub)
        yield* PubSub.publishAll(pubsub, [1, 2, 3])
        for (const _ of [1, 2, 3]) yield* PubSub.take(subscription)
      }).pipe(Effect.scoped)
      strictEqual((yield* endedSubscription("bus")).backlogMax, 3)
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("counts the messages that nobody took before it was released", () =>
    Effect.gen(function* () {
      const pubsub = yield* bus
      yield* subscribeTraced(pubsub).pipe(
        Effect.andThen(PubSub.publishAll(pubsub, [1, 2])),
        Effect.scoped,
      )
      strictEqual((yield* endedSubscription("bus")).backlogMax, 2)
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("knows how many messages its PubSub accepted, and the PubSub's capacity", () =>
    Effect.gen(function* () {
      const pubsub = yield* PubSub.dropping<number>(2).pipe(tracedPubSub("small"))
      yield* subscribeTraced(pubsub).pipe(
        Effect.andThen(PubSub.publishAll(pubsub, [1, 2, 3])),
        Effect.andThen(PubSub.publish(pubsub, 4)),
        Effect.scoped,
      )
      const subscription = yield* endedSubscription("small")
      deepStrictEqual([subscription.pubsub.published, subscription.capacity], [2, 2])
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("of an unbounded PubSub has no capacity", () =>
    Effect.gen(function* () {
      const pubsub = yield* PubSub.unbounded<number>().pipe(tracedPubSub("wide"))
      yield* Effect.scoped(subscribeTraced(pubsub))
      strictEqual((yield* endedSubscription("wide")).capacity, undefined)
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is finished and not released where its PubSub was shut down", () =>
    Effect.gen(function* () {
      const pubsub = yield* bus
      yield* subscribeTraced(pubsub).pipe(
        Effect.andThen(pass(2)),
        Effect.andThen(PubSub.shutdown(pubsub)),
        Effect.andThen(pass(2)),
        tracedScope("handler"),
      )
      const { finished, releasedBy, endedAt } = yield* endedSubscription("bus")
      deepStrictEqual([finished, releasedBy, endedAt], [true, undefined, 2_000])
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is finished where its PubSub had ended before it was released", () =>
    Effect.gen(function* () {
      const pubsub = yield* bus
      yield* subscribeTraced(pubsub).pipe(
        Effect.andThen(PubSub.end(pubsub, 0)),
        tracedScope("handler"),
      )
      strictEqual((yield* endedSubscription("bus")).finished, true)
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("in a scope that has closed is released from the start", () =>
    Effect.gen(function* () {
      const pubsub = yield* bus
      const scope = yield* Scope.make()
      yield* Scope.provide(traceCurrentScope("closed", "handler"), scope)
      yield* Scope.close(scope, Exit.void)
      yield* subscribeTraced(pubsub).pipe(Scope.provide(scope))
      const { startedAt, endedAt } = yield* endedSubscription("bus")
      strictEqual(startedAt, endedAt)
    }).pipe(Effect.provide(recorded())),
  )
})
