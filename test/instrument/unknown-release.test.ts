import { deepStrictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as PubSub from "effect/PubSub"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { answer, eventStream } from "./exchange.ts"
import { endedStream, Recording, recorded } from "./recording.ts"

type Events = Stream.Stream<number>

/** A bus that has five events for whoever subscribes. */
const bus = Effect.tap(PubSub.unbounded<number>({ replay: 5 }), (pubsub) =>
  PubSub.publishAll(pubsub, [1, 2, 3, 4, 5]),
)

const holding = Effect.addFinalizer(() => Effect.void)

/** What is told of the body of a request, and what is found about it. */
const toldOf = Effect.gen(function* () {
  const { endedBy, exchange } = yield* endedStream("body")
  return [endedBy, exchange?.matches.map(({ rule, confidence }) => `${rule} ${confidence}`)]
})

/** Streams with forks of their own, between which and what they read something is always on its way. */
const forking: Readonly<Record<string, (events: Events) => Events>> = {
  "a buffer": Stream.buffer({ capacity: 16 }),
  "elements that are mapped side by side": Stream.mapEffect((event) => Effect.succeed(event), {
    concurrency: 3,
  }),
  "a merge": (events) => Stream.merge(events, Stream.never, { haltStrategy: "left" }),
}

const each = Object.entries(forking).map(([title, through]) => ({ title, through }))

describe("a body of which nobody has traced anything, with", () => {
  it.live.each(each)("$title, is released where a fork asks for what is gone", ({ through }) =>
    Effect.gen(function* () {
      const pubsub = yield* bus
      const subscribe = Effect.map(PubSub.subscribe(pubsub), Stream.fromSubscription)
      const handler = Effect.map(Effect.scoped(subscribe), (events) => eventStream(through(events)))
      yield* Effect.exit(answer(handler))
      deepStrictEqual(yield* toldOf, ["released", ["scope-closed-early certain"]])
    }).pipe(Effect.provide(recorded())),
  )

  it.live.each(each)("$title, is released where a fork asks a queue that is gone", ({ through }) =>
    Effect.gen(function* () {
      const queue = Effect.acquireRelease(Queue.unbounded<number>(), Queue.shutdown)
      const handler = Effect.map(Effect.scoped(queue), (released) =>
        eventStream(through(Stream.fromQueue(released))),
      )
      yield* Effect.exit(answer(handler))
      deepStrictEqual(yield* toldOf, ["released", ["scope-closed-early certain"]])
    }).pipe(Effect.provide(recorded())),
  )

  it.live.each(each)("$title, ends by itself where it takes as much as it wants", ({ through }) =>
    Effect.gen(function* () {
      const events = Stream.fromPubSub(yield* bus)
      const body = Stream.take(through(events), 2)
      yield* answer(Effect.as(Effect.scoped(holding), eventStream(body)))
      deepStrictEqual(yield* toldOf, ["upstream", []])
    }).pipe(Effect.provide(recorded())),
  )

  it.live.each(each)(
    "$title, ends by itself where a fork takes a part of it apart",
    ({ through }) =>
      Effect.gen(function* () {
        const events = Stream.fromPubSub(yield* bus)
        const part = Stream.unwrap(Effect.as(holding, Stream.take(through(events), 2)))
        const body = Stream.flatMap(Stream.make(1, 2, 3), () => part, { concurrency: 2 })
        yield* answer(Effect.as(Effect.scoped(holding), eventStream(body)))
        deepStrictEqual(yield* toldOf, ["upstream", []])
      }).pipe(Effect.provide(recorded())),
  )
})

describe("a body that reads what was acquired in a scope", () => {
  const subscribed = Effect.fnUntraced(function* (scope: Scope.Scope) {
    const subscription = yield* Scope.provide(PubSub.subscribe(yield* bus), scope)
    return eventStream(Stream.fromSubscription(subscription))
  })

  const closed = Effect.tap(Scope.make(), (scope) => Scope.close(scope, Exit.void))

  it.live("that had closed before the request began is released with that", () =>
    Effect.gen(function* () {
      yield* answer(subscribed(yield* closed))
      deepStrictEqual(yield* toldOf, ["released", ["scope-closed-early certain"]])
    }).pipe(Effect.provide(recorded())),
  )

  it.live("that had closed before is released with that where the body enters it in a fork", () =>
    Effect.gen(function* () {
      const events = Effect.map(
        Scope.provide(PubSub.subscribe(yield* bus), yield* closed),
        Stream.fromSubscription,
      )
      const body = Stream.unwrap(Effect.timeout(events, "1 minute"))
      yield* answer(Effect.succeed(eventStream(body)))
      deepStrictEqual(yield* toldOf, ["released", ["scope-closed-early likely"]])
    }).pipe(Effect.provide(recorded())),
  )

  it.live("that had closed before is released with that for each request", () =>
    Effect.gen(function* () {
      const scope = yield* closed
      for (const _ of [1, 2]) yield* answer(subscribed(scope))
      const { ended } = yield* Recording
      deepStrictEqual(
        ended.flatMap(({ name, exchange }) =>
          name === "body" ? exchange?.matches.map(({ rule }) => rule) : [],
        ),
        ["scope-closed-early", "scope-closed-early"],
      )
    }).pipe(Effect.provide(recorded())),
  )
})

describe("a body that waits", () => {
  it.live(
    "for a queue which a fiber shuts down is cut off by no scope that had closed before",
    () =>
      Effect.gen(function* () {
        const handler = Effect.gen(function* () {
          yield* Effect.scoped(holding)
          const queue = yield* Queue.unbounded<number>()
          yield* Effect.forkScoped(Effect.delay(Queue.shutdown(queue), "5 millis"))
          return eventStream(Stream.fromQueue(queue))
        })
        yield* Effect.exit(answer(handler))
        deepStrictEqual(yield* toldOf, ["failure", ["server-ended-stream certain"]])
      }).pipe(Effect.provide(recorded())),
  )
})
