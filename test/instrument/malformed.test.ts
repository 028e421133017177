import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as PubSub from "effect/PubSub"
import * as Scope from "effect/Scope"
import { subscribeTraced, tracedPubSub, tracedScope } from "../../otel/index.ts"
import { capturedStderr } from "../support/stderr.ts"
import { answer } from "./exchange.ts"
import { endedScope, endedSubscription, Recording, recorded } from "./recording.ts"

const refuse = (): never => {
  throw new Error("nobody looks into this")
}

const hostile = new Proxy(
  {},
  { get: refuse, has: refuse, getOwnPropertyDescriptor: refuse, isExtensible: refuse },
)

/** What a program, or a library of it, may have put where its scope belongs. */
const malformed: Readonly<Record<string, unknown>> = {
  "an empty object": {},
  null: null,
  "a number": 1,
  "a frozen scope": Object.freeze(Scope.makeUnsafe()),
  "a frozen fork of a scope": Object.freeze(Scope.forkUnsafe(Scope.makeUnsafe())),
  "a scope whose state cannot be replaced": Object.defineProperty(Scope.makeUnsafe(), "state", {
    get: () => ({ _tag: "Empty" }),
  }),
  "a scope without a state": { ...Scope.makeUnsafe(), state: null },
  "a scope below no scope": { ...Scope.makeUnsafe(), parent: hostile },
  "a proxy that throws": hostile,
}

describe("in the place of a scope", () => {
  const stderr = capturedStderr()

  it.effect.each(Object.entries(malformed))("%s ends nothing else", ([, scope]) =>
    Effect.gen(function* () {
      const within = Context.makeUnsafe<never>(new Map([[Scope.Scope.key, scope]]))
      const inside = Effect.void.pipe(tracedScope("inside"), Effect.withSpan("span"))
      const result = yield* answer(
        Effect.gen(function* () {
          yield* Effect.provideContext(inside, within)
          yield* Effect.void.pipe(tracedScope("beside"))
          return HttpServerResponse.empty()
        }),
      ).pipe(Effect.as("answered"))
      strictEqual(result, "answered")
      strictEqual((yield* endedScope("inside")).exit, "success")
      strictEqual((yield* endedScope("beside")).exit, "success")
      deepStrictEqual(stderr.mock.calls, [])
    }).pipe(Effect.provide(recorded())),
  )
})

/** A backing that nobody can put anything into. */
const frozenBacking = <A>(): PubSub.PubSub.Atomic<A> => {
  const backing = PubSub.makeAtomicUnbounded<A>()
  return Object.freeze({
    capacity: backing.capacity,
    isEmpty: () => backing.isEmpty(),
    isFull: () => backing.isFull(),
    size: () => backing.size(),
    publish: (message: A) => backing.publish(message),
    publishAll: (messages: Iterable<A>) => backing.publishAll(messages),
    slide: () => backing.slide(),
    subscribe: () => backing.subscribe(),
    replayWindow: () => backing.replayWindow(),
  })
}

const passOn = Effect.fnUntraced(function* (pubsub: PubSub.PubSub<number>) {
  const subscription = yield* subscribeTraced(pubsub)
  yield* PubSub.publishAll(pubsub, [1, 2])
  return yield* PubSub.takeAll(subscription)
}, Effect.scoped)

describe("a frozen PubSub", () => {
  const stderr = capturedStderr()

  it.effect("is recorded, as what it consists of is not frozen", () =>
    Effect.gen(function* () {
      const pubsub = yield* PubSub.unbounded<number>().pipe(
        Effect.map((made) => Object.freeze(made)),
        tracedPubSub("bus"),
      )
      deepStrictEqual(yield* passOn(pubsub), [1, 2])
      strictEqual((yield* endedSubscription("bus")).delivered, 2)
      deepStrictEqual(stderr.mock.calls, [])
    }).pipe(Effect.provide(recorded())),
  )

  it.effect("of a frozen backing passes messages on, and is not recorded", () =>
    Effect.gen(function* () {
      const pubsub = yield* PubSub.make<number>({
        atomicPubSub: frozenBacking,
        strategy: () => new PubSub.DroppingStrategy(),
      }).pipe(tracedPubSub("bus"))
      deepStrictEqual(yield* passOn(pubsub), [1, 2])
      deepStrictEqual((yield* Recording).ended, [])
      deepStrictEqual(stderr.mock.calls, [])
    }).pipe(Effect.provide(recorded())),
  )
})
