import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as PubSub from "effect/PubSub"
import { TestClock } from "effect/testing"
import { subscribeTraced, tracedPubSub } from "../../otel/index.ts"
import { lastSubscription, recorded } from "./recording.ts"

const pass = (millis: number) => TestClock.adjust(millis)

type Use = (
  pubsub: PubSub.PubSub<number>,
  subscription: PubSub.Subscription<number>,
) => Effect.Effect<unknown>

/** What is counted of a subscription while it is used. */
const counted = (make: Effect.Effect<PubSub.PubSub<number>>, use: Use) =>
  Effect.gen(function* () {
    const pubsub = yield* make.pipe(tracedPubSub("bus"))
    yield* Effect.scoped(Effect.flatMap(subscribeTraced(pubsub), (it) => use(pubsub, it)))
    const { missed, backlog, backlogMax, delivered, fullFor } = yield* lastSubscription("bus")
    return { missed, backlog, backlogMax, delivered, fullFor }
  }).pipe(Effect.provide(recorded()))

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)

type Publish = (pubsub: PubSub.PubSub<number>, last: number) => Effect.Effect<unknown>

const one: Publish = (pubsub, last) =>
  Effect.forEach(upTo(last), (number) => PubSub.publish(pubsub, number))

const atOnce: Publish = (pubsub, last) => PubSub.publishAll(pubsub, upTo(last))

const however = [
  { how: "one by one", publish: one },
  { how: "at once", publish: atOnce },
]

describe("a sliding subscription", () => {
  it.effect.each(however)("has missed what was pushed out of it, published $how", ({ publish }) =>
    Effect.gen(function* () {
      const { missed, backlog, backlogMax, delivered } = yield* counted(
        PubSub.sliding<number>(4),
        (pubsub, subscription) =>
          Effect.andThen(publish(pubsub, 10), PubSub.takeUpTo(subscription, 3)),
      )
      deepStrictEqual([missed, backlog, backlogMax, delivered], [6, 1, 4, 3])
    }),
  )

  it.effect.each(however)("has missed nothing that it had room for, published $how", (more) =>
    Effect.gen(function* () {
      const { missed, backlog, fullFor } = yield* counted(PubSub.sliding<number>(4), (pubsub) =>
        Effect.andThen(more.publish(pubsub, 4), pass(5_000)),
      )
      deepStrictEqual([missed, backlog, fullFor], [0, 4, 0])
    }),
  )

  it.effect("has missed nothing that another one was too slow for", () =>
    Effect.gen(function* () {
      const { missed, delivered } = yield* counted(PubSub.sliding<number>(2), (pubsub, quick) =>
        Effect.scoped(
          Effect.andThen(
            PubSub.subscribe(pubsub),
            Effect.forEach(upTo(9), (number) =>
              Effect.andThen(PubSub.publish(pubsub, number), PubSub.take(quick)),
            ),
          ),
        ),
      )
      deepStrictEqual([missed, delivered], [0, 9])
    }),
  )
})

describe("a dropping subscription", () => {
  it.effect.each(however)("has missed what was refused, published $how", ({ publish }) =>
    Effect.gen(function* () {
      const { missed, backlog, backlogMax } = yield* counted(PubSub.dropping<number>(4), (pubsub) =>
        publish(pubsub, 10),
      )
      deepStrictEqual([missed, backlog, backlogMax], [6, 4, 4])
    }),
  )

  it.effect("has not missed what was refused because of a slower one", () =>
    Effect.gen(function* () {
      const { missed, delivered } = yield* counted(PubSub.dropping<number>(2), (pubsub, quick) =>
        Effect.scoped(
          Effect.andThen(
            PubSub.subscribe(pubsub),
            Effect.forEach(upTo(9), (number) =>
              Effect.andThen(PubSub.publish(pubsub, number), PubSub.takeUpTo(quick, 1)),
            ),
          ),
        ),
      )
      deepStrictEqual([missed, delivered], [0, 2])
    }),
  )
})

describe("a bounded subscription", () => {
  it.effect.each(however)("has missed nothing, because publishers wait, $how", ({ publish }) =>
    Effect.gen(function* () {
      const { missed, backlogMax, delivered, fullFor } = yield* counted(
        PubSub.bounded<number>(2),
        Effect.fnUntraced(function* (pubsub, subscription) {
          const publishing = yield* Effect.forkChild(publish(pubsub, 6), {
            startImmediately: true,
          })
          yield* pass(30)
          for (const _ of upTo(6)) yield* PubSub.take(subscription)
          yield* Fiber.join(publishing)
        }),
      )
      deepStrictEqual([missed, backlogMax, delivered, fullFor], [0, 2, 6, 30_000])
    }),
  )

  it.effect("was full for the longest time that nothing was taken", () =>
    Effect.gen(function* () {
      const { fullFor } = yield* counted(
        PubSub.bounded<number>(1),
        Effect.fnUntraced(function* (pubsub, subscription) {
          const publishing = yield* Effect.forkChild(one(pubsub, 4), { startImmediately: true })
          for (const waited of [10, 70, 20]) {
            yield* pass(waited)
            yield* PubSub.take(subscription)
          }
          yield* Fiber.join(publishing)
        }),
      )
      strictEqual(fullFor, 70_000)
    }),
  )

  it.effect("is full until it is released, where nothing is taken any more", () =>
    Effect.gen(function* () {
      const { fullFor, backlog } = yield* counted(PubSub.bounded<number>(1), (pubsub) =>
        Effect.andThen(Effect.forkChild(one(pubsub, 3), { startImmediately: true }), pass(40)),
      )
      deepStrictEqual([fullFor, backlog], [40_000, 1])
    }),
  )

  it.effect("is not full while its publishers find room, however little", () =>
    Effect.gen(function* () {
      const { fullFor } = yield* counted(
        PubSub.bounded<number>(1),
        Effect.fnUntraced(function* (pubsub, subscription) {
          for (const number of upTo(5)) {
            yield* PubSub.publish(pubsub, number)
            yield* pass(2_000)
            yield* PubSub.take(subscription)
          }
        }),
      )
      strictEqual(fullFor, 0)
    }),
  )
})

describe("an unbounded subscription", () => {
  it.effect.each(however)("misses nothing, published $how", ({ publish }) =>
    Effect.gen(function* () {
      const { missed, backlog, backlogMax, delivered } = yield* counted(
        PubSub.unbounded<number>(),
        (pubsub, subscription) =>
          Effect.andThen(publish(pubsub, 10), PubSub.takeUpTo(subscription, 3)),
      )
      deepStrictEqual([missed, backlog, backlogMax, delivered], [0, 7, 10, 3])
    }),
  )

  it.effect.each(however)("tells for how long a thousand have waited, published $how", (more) =>
    Effect.gen(function* () {
      const { fullFor, backlog } = yield* counted(
        PubSub.unbounded<number>(),
        Effect.fnUntraced(function* (pubsub, subscription) {
          yield* more.publish(pubsub, 2_000)
          yield* pass(30)
          yield* PubSub.takeUpTo(subscription, 500)
          yield* pass(30)
        }),
      )
      deepStrictEqual([fullFor, backlog], [60_000, 1_500])
    }),
  )

  it.effect("begins anew where fewer have waited in between", () =>
    Effect.gen(function* () {
      const { fullFor } = yield* counted(
        PubSub.unbounded<number>(),
        Effect.fnUntraced(function* (pubsub, subscription) {
          for (const waited of [30, 20]) {
            yield* atOnce(pubsub, 2_000)
            yield* pass(waited)
            yield* PubSub.takeAll(subscription)
            yield* pass(500)
          }
        }),
      )
      strictEqual(fullFor, 30_000)
    }),
  )

  it.effect("counts from the thousandth message on", () =>
    Effect.gen(function* () {
      const { fullFor } = yield* counted(PubSub.unbounded<number>(), (pubsub) =>
        Effect.andThen(atOnce(pubsub, 1_000), pass(30)),
      )
      strictEqual(fullFor, 30_000)
    }),
  )

  it.effect("counts no time while fewer than a thousand wait", () =>
    Effect.gen(function* () {
      const { fullFor } = yield* counted(PubSub.unbounded<number>(), (pubsub) =>
        Effect.andThen(atOnce(pubsub, 999), pass(5_000)),
      )
      strictEqual(fullFor, 0)
    }),
  )
})

describe("a subscription to a PubSub that replays", () => {
  it.effect("has missed nothing, and holds no more than what came after it", () =>
    Effect.gen(function* () {
      const { missed, backlog, delivered } = yield* counted(
        Effect.tap(PubSub.unbounded<number>({ replay: 4 }), (pubsub) => atOnce(pubsub, 9)),
        Effect.fnUntraced(function* (pubsub, subscription) {
          yield* atOnce(pubsub, 2)
          deepStrictEqual(yield* PubSub.takeAll(subscription), [6, 7, 8, 9, 1, 2])
        }),
      )
      deepStrictEqual([missed, backlog, delivered], [0, 0, 2])
    }),
  )
})
