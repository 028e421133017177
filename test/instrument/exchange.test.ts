import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { ClientAbort } from "effect/http/HttpServerError"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as PubSub from "effect/PubSub"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import {
  Lifetimes,
  subscribeTraced,
  traceCurrentScope,
  tracedPubSub,
  tracedScope,
  tracedStream,
} from "../../otel/index.ts"
import { Registry } from "../../otel/instrument/records/registry.ts"
import { answer, eventStream } from "./exchange.ts"
import { endedScope, endedStream, endedSubscription, Recording, recorded } from "./recording.ts"

const pass = (millis: number) => TestClock.adjust(millis)

const empty = HttpServerResponse.empty()

const bus = PubSub.unbounded<number>().pipe(tracedPubSub("bus"))

const start = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.forkChild(effect, { startImmediately: true })

/** An event stream on a subscription in the scope that the handler runs in. */
const streaming = (pubsub: PubSub.PubSub<number>) =>
  Effect.map(subscribeTraced(pubsub), (subscription) =>
    eventStream(Stream.fromSubscription(subscription).pipe(tracedStream("event"))),
  )

/** The exchange whose request scope has closed. */
const endedExchange = Effect.map(endedScope("request"), ({ exchange }) => exchange)

describe("a traced exchange", () => {
  it.effect("lasts from the request to the end of the body", () =>
    Effect.gen(function* () {
      yield* pass(1)
      const slow = Stream.fromEffect(pass(5)).pipe(tracedStream("event"))
      yield* answer(Effect.as(pass(2), eventStream(slow)))
      const exchange = yield* endedExchange
      deepStrictEqual(
        [exchange?.startedAt, exchange?.handlerReturnedAt, exchange?.endedAt],
        [1_000, 3_000, 8_000],
      )
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("knows its route without the query, its status and its content type", () =>
    Effect.gen(function* () {
      yield* answer(Effect.succeed(eventStream(Stream.empty)))
      const exchange = yield* endedExchange
      deepStrictEqual(
        [exchange?.route, exchange?.status, exchange?.contentType],
        ["GET /event", 200, "text/event-stream"],
      )
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("was ended by the server where the body ended", () =>
    Effect.gen(function* () {
      yield* answer(Effect.succeed(eventStream(Stream.make(1))))
      strictEqual((yield* endedExchange)?.endedBy, "server")
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("was ended by the client where that left", () =>
    Effect.gen(function* () {
      const fiber = yield* start(answer(Effect.succeed(eventStream(Stream.never))))
      fiber.interruptUnsafe(undefined, ClientAbort.annotation)
      yield* Fiber.await(fiber)
      strictEqual((yield* endedExchange)?.endedBy, "client")
    }).pipe(Effect.provide(recorded())),
  )

  it.effect(
    "was not ended by its client where it meets the interrupt of one that shared its work",
    () =>
      Effect.gen(function* () {
        const shared = yield* Deferred.make<HttpServerResponse.HttpServerResponse>()
        const first = yield* start(
          answer(Deferred.into(Effect.never, shared).pipe(Effect.as(empty))),
        )
        const second = yield* start(answer(Deferred.await(shared)))
        const exchanges = [...(yield* Registry).exchanges]
        first.interruptUnsafe(undefined, ClientAbort.annotation)
        yield* Fiber.await(second)
        deepStrictEqual(
          exchanges.map(({ endedBy }) => endedBy),
          ["client", "server"],
        )
      }).pipe(Effect.provide(recorded())),
  )

  it.effect(
    "has a body that was not ended by its client either where it meets such an interrupt",
    () =>
      Effect.gen(function* () {
        const shared = yield* Deferred.make<number>()
        const first = yield* start(
          answer(Deferred.into(Effect.never, shared).pipe(Effect.as(empty))),
        )
        const body = Stream.fromEffect(Deferred.await(shared)).pipe(tracedStream("event"))
        const second = yield* start(answer(Effect.succeed(eventStream(body))))
        first.interruptUnsafe(undefined, ClientAbort.annotation)
        yield* Fiber.await(second)
        const { endedBy, exchange } = yield* endedStream("event")
        deepStrictEqual([endedBy, exchange?.endedBy], ["failure", "server"])
      }).pipe(Effect.provide(recorded())),
  )

  it.effect.each(["released", "failure"] as const)(
    "has a body that ends with the traced stream it consists of: %s",
    (how) =>
      Effect.gen(function* () {
        const pubsub = yield* bus
        const reads = Effect.map(subscribeTraced(pubsub), Stream.fromSubscription)
        const body: Effect.Effect<Stream.Stream<number, string>, never, Scope.Scope> = how ===
        "released"
          ? reads
          : Effect.succeed(Stream.fail("broken"))
        const traced = Effect.map(body, (stream) => eventStream(stream.pipe(tracedStream("event"))))
        yield* Effect.exit(answer(traced.pipe(tracedScope("handler"))))
        const { endedBy, exchange } = yield* endedStream("event")
        deepStrictEqual([endedBy, exchange?.body?.endedBy, exchange?.endedBy], [how, how, "server"])
        strictEqual(exchange?.failed, how === "failure")
      }).pipe(Effect.provide(recorded())),
  )

  it.effect("has a body of its own end where that goes on after the traced stream", () =>
    Effect.gen(function* () {
      const failing = Stream.fail("broken").pipe(tracedStream("event"))
      const caught = Stream.catch(failing, () => Stream.fromEffect(pass(5)))
      yield* answer(Effect.succeed(eventStream(caught)))
      const { endedBy, exchange } = yield* endedStream("event")
      deepStrictEqual(
        [endedBy, exchange?.body?.endedBy, exchange?.failed],
        ["failure", "upstream", false],
      )
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("was ended by shutdown where the program is stopping", () =>
    Effect.gen(function* () {
      const fiber = yield* start(answer(Effect.succeed(eventStream(Stream.never))))
      const lifetimes = yield* Lifetimes
      lifetimes.beginShutdown()
      yield* Fiber.interrupt(fiber)
      strictEqual((yield* endedExchange)?.endedBy, "shutdown")
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("tells of its lifetimes when its request scope has closed, and not before", () =>
    Effect.gen(function* () {
      const { ended } = yield* Recording
      const names = () => ended.map(({ name }) => name)
      const pubsub = yield* bus
      const inner = Stream.make(1).pipe(tracedStream("inner"))
      const body = Stream.concat(inner, Stream.fromEffect(Effect.sync(names)))
      let before: unknown
      const last = body.pipe(Stream.tap((seen) => Effect.sync(() => (before = seen))))
      yield* answer(
        Effect.as(subscribeTraced(pubsub), eventStream(last)).pipe(tracedScope("handler")),
      )
      deepStrictEqual(before, [])
      deepStrictEqual(names(), ["request", "handler", "bus", "inner"])
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("puts what was acquired in the application's scope below its own request scope", () =>
    Effect.gen(function* () {
      const pubsub = yield* bus
      const application = yield* Scope.make()
      yield* Scope.provide(traceCurrentScope("application", "application"), application)
      yield* answer(
        Effect.as(
          subscribeTraced(pubsub).pipe(Scope.provide(application)),
          HttpServerResponse.empty(),
        ),
      )
      yield* Scope.close(application, Exit.void)
      const { owner, parentSpan, releasedBy } = yield* endedSubscription("bus")
      const { span } = yield* endedScope("application")
      deepStrictEqual(owner, { name: "application", spanId: span.spanId, inExchange: false })
      strictEqual(parentSpan?.spanId, (yield* endedScope("request")).span.spanId)
      strictEqual(releasedBy, span.spanId)
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("shares its trace with all its lifetimes, and the application has its own", () =>
    Effect.gen(function* () {
      const { ended } = yield* Recording
      const pubsub = yield* bus
      yield* answer(streaming(pubsub).pipe(tracedScope("handler"))).pipe(
        Effect.andThen(Effect.void),
        tracedScope("application", "application"),
      )
      const application = yield* endedScope("application")
      const traceIds = ended.filter((it) => it !== application).map(({ span }) => span.traceId)
      strictEqual(new Set(traceIds).size, 1)
      strictEqual(traceIds.includes(application.span.traceId), false)
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is found to be broken at the moment it ends", () =>
    Effect.gen(function* () {
      const pubsub = yield* bus
      yield* answer(streaming(pubsub).pipe(tracedScope("handler")))
      deepStrictEqual(
        (yield* endedExchange)?.matches.map(({ rule, confidence }) => [rule, confidence]),
        [["scope-closed-early", "certain"]],
      )
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("is healthy where the subscription lives in the request's scope", () =>
    Effect.gen(function* () {
      const pubsub = yield* bus
      const fiber = yield* start(answer(streaming(pubsub)))
      yield* PubSub.publish(pubsub, 1)
      fiber.interruptUnsafe(undefined, ClientAbort.annotation)
      yield* Fiber.await(fiber)
      deepStrictEqual((yield* endedExchange)?.matches, [])
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("forgets everything when it has ended", () =>
    Effect.gen(function* () {
      const pubsub = yield* bus
      const registry = yield* Registry
      const fiber = yield* start(answer(streaming(pubsub)))
      const sizes = () => [
        registry.exchanges.size,
        [...registry.scopes].filter(({ exchange }) => exchange !== undefined).length,
        registry.subscriptions.size,
        registry.streams.size,
      ]
      deepStrictEqual(sizes(), [1, 2, 1, 1]) // the second scope is that of the run of the body
      fiber.interruptUnsafe(undefined, ClientAbort.annotation)
      yield* Fiber.await(fiber)
      deepStrictEqual(sizes(), [0, 0, 0, 0])
    }).pipe(Effect.provide(recorded())),
  )
})

describe("a subscription of an exchange", () => {
  it.effect("tells that something that is no traced stream took from it", () =>
    Effect.gen(function* () {
      const pubsub = yield* bus
      const handler = Effect.gen(function* () {
        const subscription = yield* subscribeTraced(pubsub)
        yield* PubSub.publishAll(pubsub, [1, 2])
        yield* pass(6)
        yield* PubSub.take(subscription)
        return HttpServerResponse.empty()
      })
      yield* answer(handler)
      strictEqual((yield* endedSubscription("bus")).untracedReadAt, 6_000)
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("tells of an untraced read that follows a traced stream on the same fiber", () =>
    Effect.gen(function* () {
      const pubsub = yield* bus
      const handler = Effect.gen(function* () {
        const subscription = yield* subscribeTraced(pubsub)
        yield* PubSub.publishAll(pubsub, [1, 2])
        const one = Stream.fromEffect(PubSub.take(subscription))
        yield* one.pipe(tracedStream("event"), Stream.runDrain)
        yield* pass(6)
        yield* PubSub.take(subscription)
        return HttpServerResponse.empty()
      })
      yield* answer(handler)
      strictEqual((yield* endedSubscription("bus")).untracedReadAt, 6_000)
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("tells when a traced stream of the program read it last, after the exchange too", () =>
    Effect.gen(function* () {
      const pubsub = yield* bus
      const program = yield* Scope.make()
      const handed = yield* Deferred.make<PubSub.Subscription<number>>()
      const read = (subscription: PubSub.Subscription<number>) =>
        Stream.fromSubscription(subscription).pipe(tracedStream("all"), Stream.runDrain)
      yield* start(Effect.flatMap(Deferred.await(handed), read))
      const handler = Effect.gen(function* () {
        const subscription = yield* Scope.provide(subscribeTraced(pubsub), program)
        yield* Deferred.succeed(handed, subscription)
        yield* pass(5)
        return HttpServerResponse.empty()
      })
      yield* answer(handler)
      yield* pass(3)
      yield* PubSub.publish(pubsub, 1)
      yield* pass(1)
      const registry = yield* Registry
      deepStrictEqual(
        [...registry.subscriptions].map(({ untracedReadAt }) => untracedReadAt),
        [8_000],
      )
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("has had no untraced reader where a traced stream alone read it", () =>
    Effect.gen(function* () {
      const pubsub = yield* bus
      yield* PubSub.publish(pubsub, 1)
      yield* answer(streaming(pubsub).pipe(tracedScope("handler")))
      const subscription = yield* endedSubscription("bus")
      strictEqual(subscription.untracedReadAt, undefined)
      deepStrictEqual((yield* endedStream("event")).reads, [subscription.span.spanId])
    }).pipe(Effect.provide(recorded())),
  )
})
