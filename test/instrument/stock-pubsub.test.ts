import { describe, expect, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { ClientAbort } from "effect/http/HttpServerError"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import * as RcRef from "effect/RcRef"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import { openNow } from "../../otel/index.ts"
import type { LifetimesOptions } from "../../otel/instrument/automatic.ts"
import { answer, eventStream } from "./exchange.ts"
import { Recording, recorded } from "./recording.ts"

const grace = "100 millis"

const watch = Effect.fn("watch")(function* (bus: PubSub.PubSub<number>, application: Scope.Scope) {
  const subscription = yield* Scope.provide(PubSub.subscribe(bus), application)
  return eventStream(Stream.take(Stream.fromSubscription(subscription), 1))
})

/** Three clients have an event each, and leave; what is found then. */
const leaking = (options: LifetimesOptions = {}) =>
  Effect.gen(function* () {
    const application = yield* Scope.make()
    const bus = yield* PubSub.unbounded<number>({ replay: 1 })
    yield* PubSub.publish(bus, 1)
    yield* Scope.provide(
      Effect.gen(function* () {
        for (let one = 0; one < 8; one++) yield* answer(watch(bus, application))
      }),
      application,
    )
    yield* TestClock.adjust("150 millis")
    yield* PubSub.publish(bus, 2)
    yield* TestClock.adjust("150 millis")
    const { subscriptions, finalizers } = yield* openNow
    const { findings } = yield* Recording
    return {
      rules: findings.map(({ rule }) => rule),
      message: findings[0]?.message,
      subscriptions: subscriptions.length,
      finalizers: finalizers.length,
    }
  }).pipe(Effect.provide(recorded({ grace, ...options })))

class Feed extends Context.Service<Feed, { readonly events: Stream.Stream<number> }>()("Feed") {}

const layerFeed = Layer.effect(
  Feed,
  Effect.gen(function* () {
    const bus = yield* PubSub.sliding<number>(16)
    yield* Effect.addFinalizer(() => PubSub.shutdown(bus))
    return { events: Stream.fromPubSub(bus) }
  }),
)

/** What is found about a client of the feed; a client of one that is still there would stay. */
const visited = Effect.gen(function* () {
  const { events } = yield* Feed
  return yield* answer(Effect.succeed(eventStream(Stream.concat(Stream.make(1), events)))).pipe(
    Effect.timeoutOption("100 millis"),
  )
})

/** What the first client opens for all passes on one message in 30 ms. */
const relayed = Effect.fnUntraced(function* (bus: PubSub.PubSub<number>) {
  const to = yield* PubSub.unbounded<number>()
  const subscription = yield* PubSub.subscribe(bus)
  const pass = Effect.flatMap(PubSub.take(subscription), (event) =>
    Effect.andThen(Effect.sleep("30 millis"), PubSub.publish(to, event)),
  )
  yield* Effect.forkScoped(Effect.forever(pass))
  return to
})

describe("a PubSub that nobody traces by name", () => {
  it.effect("is read for all by what the first client opened, busy or not when that leaves", () =>
    Effect.gen(function* () {
      const bus = yield* PubSub.unbounded<number>()
      const relay = yield* RcRef.make({ acquire: relayed(bus) })
      const body = Effect.map(
        Effect.flatMap(RcRef.get(relay), (to) => PubSub.subscribe(to)),
        (mine) => eventStream(Stream.fromSubscription(mine)),
      )
      const client = Effect.forkChild(answer(body), { startImmediately: true })
      const [first, second] = [yield* client, yield* client]
      const leave = (one: typeof first) =>
        Effect.andThen(
          Effect.sync(() => one.interruptUnsafe(undefined, ClientAbort.annotation)),
          Fiber.await(one),
        )
      yield* TestClock.adjust("1 millis")
      yield* PubSub.publish(bus, 1)
      yield* TestClock.adjust("10 millis")
      yield* leave(first)
      yield* TestClock.adjust("200 millis")
      yield* PubSub.publish(bus, 2)
      yield* TestClock.adjust("40 millis")
      yield* leave(second)
      yield* TestClock.adjust("200 millis")
      expect((yield* Recording).findings).toEqual([])
    }).pipe(Effect.scoped, Effect.provide(recorded({ grace }))),
  )

  it.live("had been shut down by the scope of a Layer before somebody came", () =>
    Effect.gen(function* () {
      const feed = yield* Effect.provide(Feed, layerFeed)
      yield* Effect.provideService(visited, Feed, feed)
      const { findings, ended } = yield* Recording
      expect(findings.map(({ rule, confidence }) => [rule, confidence])).toEqual([
        ["scope-closed-early", "certain"],
      ])
      expect(findings[0]?.message).toMatch(
        /of the program had closed \S+ m?s before GET \/event began, and shut an unnamed PubSub down/,
      )
      const spans = ended.map(({ span }) => span.traceId)
      expect(spans).toContain(findings[0]?.evidence["owner.trace"])
    }).pipe(Effect.provide(recorded({ grace }))),
  )

  it.live("is still there for who comes while the Layer is", () =>
    Effect.gen(function* () {
      yield* Effect.provide(visited, layerFeed)
      const { findings } = yield* Recording
      expect(findings.filter(({ rule }) => rule !== "late-subscription")).toEqual([])
    }).pipe(Effect.provide(recorded({ grace }))),
  )
})

describe("a subscription that nobody traces by name", () => {
  it.effect("is what is left in the application's scope, and not a finalizer", () =>
    Effect.gen(function* () {
      const { rules, message, subscriptions, finalizers } = yield* leaking()
      expect(rules).toEqual(Array(8).fill("subscription-leak"))
      expect([subscriptions, finalizers]).toEqual([8, 0])
      expect(message).toMatch(
        /^An unnamed subscription \(acquired in watch, \S*stock-pubsub\.test\.ts:\d+\) was acquired/,
      )
    }),
  )

  it.effect("is a finalizer like any other where PubSubs are not observed", () =>
    Effect.gen(function* () {
      const { rules, subscriptions, finalizers } = yield* leaking({ observe: { pubsub: false } })
      expect(new Set(rules)).toEqual(new Set(["scope-pile-up"]))
      expect([subscriptions, finalizers]).toEqual([0, 1])
    }),
  )

  it.effect("is nothing where neither is observed", () =>
    Effect.gen(function* () {
      const { rules, subscriptions, finalizers } = yield* leaking({
        observe: { pubsub: false, finalizers: false },
      })
      expect([rules, subscriptions, finalizers]).toEqual([[], 0, 0])
    }),
  )

  it.effect(
    "is told of, with its owner, where a stream of a request reads what is the program's",
    () =>
      Effect.gen(function* () {
        const own = yield* Scope.make()
        const bus = yield* PubSub.unbounded<number>({ replay: 1 })
        yield* PubSub.publish(bus, 1)
        const subscribed = Effect.andThen(
          Effect.addFinalizer(() => Effect.void),
          PubSub.subscribe(bus),
        )
        const read = yield* Scope.provide(subscribed, own)
        const unread = yield* Scope.provide(subscribed, own)
        yield* answer(Effect.succeed(eventStream(Stream.take(Stream.fromSubscription(read), 1))))
        yield* Scope.close(own, Exit.void)
        const { ended } = yield* Recording
        const told = ended.filter(({ exchange }) => exchange === undefined)
        expect(told.map(({ kind }) => kind)).toEqual(["subscription", "scope"])
        const [stream] = ended.filter(({ kind }) => kind === "stream")
        expect(stream).toMatchObject({ reads: [told[0]?.span.spanId] })
        expect(told[0]).toMatchObject({ owner: { spanId: told[1]?.span.spanId } })
        expect(unread.shutdownFlag.current).toBe(true)
      }).pipe(Effect.provide(recorded({ grace }))),
  )
})
