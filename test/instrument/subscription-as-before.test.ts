import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as PubSub from "effect/PubSub"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import { subscribeTraced, tracedPubSub } from "../../otel/index.ts"
import { Registry } from "../../otel/instrument/records/registry.ts"
import { outcome } from "./outcome.ts"
import { Recording, recorded } from "./recording.ts"

interface Ways {
  readonly make: (
    pubsub: Effect.Effect<PubSub.PubSub<number>>,
  ) => Effect.Effect<PubSub.PubSub<number>>
  readonly subscribe: (
    pubsub: PubSub.PubSub<number>,
  ) => Effect.Effect<PubSub.Subscription<number>, never, Scope.Scope>
}

const plain: Ways = { make: (pubsub) => pubsub, subscribe: PubSub.subscribe }

const traced: Ways = { make: tracedPubSub("bus"), subscribe: subscribeTraced }

const kinds = {
  bounded: PubSub.bounded<number>(4),
  sliding: PubSub.sliding<number>(4),
  dropping: PubSub.dropping<number>(4),
  unbounded: PubSub.unbounded<number>(),
  replaying: PubSub.unbounded<number>({ replay: 2 }),
}

const Step = Schema.Literals([
  "publish",
  "publish many",
  "take",
  "take all",
  "take two",
  "size",
  "end",
  "shut down",
  "release",
])

/** Does the steps to a PubSub and one subscription, each without waiting; gives what each gave. */
const run = Effect.fnUntraced(function* (
  ways: Ways,
  kind: keyof typeof kinds,
  steps: ReadonlyArray<typeof Step.Type>,
) {
  const pubsub = yield* ways.make(kinds[kind])
  const scope = yield* Scope.make()
  yield* PubSub.publish(pubsub, -1)
  const subscription = yield* Scope.provide(ways.subscribe(pubsub), scope)
  const doing = {
    publish: PubSub.publish(pubsub, 1),
    "publish many": PubSub.publishAll(pubsub, [2, 3, 4]),
    take: PubSub.take(subscription),
    "take all": PubSub.takeAll(subscription),
    "take two": PubSub.takeUpTo(subscription, 2),
    size: PubSub.size(pubsub),
    end: PubSub.end(pubsub, 0),
    "shut down": PubSub.shutdown(pubsub),
    release: Scope.close(scope, Exit.void),
  }
  const fibers: Array<Fiber.Fiber<unknown>> = []
  for (const step of steps) {
    fibers.push(yield* Effect.forkChild(doing[step], { startImmediately: true }))
    yield* Effect.yieldNow
  }
  return fibers.map((fiber) => {
    const exit = fiber.pollUnsafe()
    return exit === undefined ? "waiting" : outcome(exit)
  })
})

const inputs = {
  kind: Schema.Literals(["bounded", "sliding", "dropping", "unbounded", "replaying"]),
  steps: Schema.Array(Step).check(Schema.isMaxLength(12)),
}

describe("a traced PubSub and its subscription", () => {
  it.effect.prop("do what an untraced one does", inputs, ({ kind, steps }) =>
    Effect.gen(function* () {
      deepStrictEqual(yield* run(traced, kind, steps), yield* run(plain, kind, steps))
    }).pipe(Effect.provide(recorded())),
  )

  it.effect.prop("do what an untraced one does where nothing is recorded", inputs, (input) =>
    Effect.gen(function* () {
      const { kind, steps } = input
      deepStrictEqual(yield* run(traced, kind, steps), yield* run(plain, kind, steps))
    }),
  )

  it.effect("interrupt who reads a subscription that was acquired in a closed scope", () =>
    Effect.gen(function* () {
      const pubsub = yield* traced.make(kinds.unbounded)
      const scope = yield* Scope.make()
      yield* Scope.close(scope, Exit.void)
      const subscription = yield* Scope.provide(subscribeTraced(pubsub), scope)
      const taking = yield* Effect.forkChild(PubSub.take(subscription), { startImmediately: true })
      yield* Effect.yieldNow
      strictEqual(taking.pollUnsafe()?._tag, "Failure")
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("interrupt who reads a subscription to a PubSub that was shut down before", () =>
    Effect.gen(function* () {
      const pubsub = yield* traced.make(kinds.unbounded)
      yield* PubSub.shutdown(pubsub)
      const subscription = yield* Effect.scoped(subscribeTraced(pubsub))
      const taking = yield* Effect.forkChild(PubSub.take(subscription), { startImmediately: true })
      yield* Effect.yieldNow
      strictEqual(taking.pollUnsafe()?._tag, "Failure")
    }).pipe(Effect.provide(recorded())),
  )

  it.effect(
    "are recorded under the name, whoever subscribes, and without one only for exchanges",
    () =>
      Effect.gen(function* () {
        const { ended } = yield* Recording
        const pubsub = yield* PubSub.unbounded<number>()
        yield* Effect.scoped(subscribeTraced(pubsub))
        deepStrictEqual(ended, [])
        const named = yield* PubSub.unbounded<number>().pipe(tracedPubSub("bus"))
        yield* Effect.scoped(PubSub.subscribe(named))
        deepStrictEqual(
          ended.map(({ kind, name }) => `${kind} ${name}`),
          ["subscription bus", "scope unnamed scope"],
        )
        strictEqual((yield* Registry).subscriptions.size, 0)
      }).pipe(Effect.provide(recorded())),
  )
})
