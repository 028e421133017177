import { deepStrictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Cache from "effect/Cache"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { ClientAbort } from "effect/http/HttpServerError"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as RcMap from "effect/RcMap"
import * as Scope from "effect/Scope"
import * as ScopedCache from "effect/ScopedCache"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import { answer, eventStream, type Handler } from "./exchange.ts"
import { Recording, recorded } from "./recording.ts"

const lifetimes = recorded({ grace: 1_000 })

const connection = Effect.acquireRelease(Effect.succeed("connection"), () => Effect.void)

/** A short stream for which the handler has acquired something. */
const streaming = (acquire: Effect.Effect<unknown, unknown, Effect.Services<Handler>>): Handler =>
  Effect.as(acquire, eventStream(Stream.make("hello")))

/** What is found of so many requests, one after the other. */
const foundOf = (requests: number, handler: (request: number) => Handler) =>
  Effect.gen(function* () {
    for (let request = 1; request <= requests; request++) {
      yield* answer(handler(request))
      yield* TestClock.adjust("2 seconds")
    }
    const { findings } = yield* Recording
    return findings.map(({ rule, operation }) => `${rule}, ${operation}`)
  })

const open = Effect.fn("open")(function* () {
  const own = yield* Scope.make()
  yield* Scope.provide(connection, own)
  return own
})

describe("a scope that a handler opens for a stream", () => {
  it.effect("leaks where three requests have each left one", () =>
    Effect.gen(function* () {
      const leak = "request-scope-leak, scope open"
      deepStrictEqual(yield* foundOf(2, () => streaming(open())), [])
      deepStrictEqual(yield* foundOf(1, () => streaming(open())), [leak, leak, leak])
    }).pipe(Effect.provide(lifetimes)),
  )

  it.effect("does not leak where one was closed late: others may be, too", () =>
    Effect.gen(function* () {
      const scopes: Array<Scope.Closeable> = []
      const found = yield* foundOf(4, (request) =>
        streaming(
          Effect.tap(open(), (own) => {
            scopes.push(own)
            const [first] = scopes
            return request === 2 && first !== undefined
              ? Scope.close(first, Exit.void)
              : Effect.void
          }),
        ),
      )
      deepStrictEqual(found, [])
    }).pipe(Effect.provide(lifetimes)),
  )

  it.effect("does not leak where the answer is no stream: it may be a session", () =>
    Effect.gen(function* () {
      const logIn = () => Effect.as(open(), HttpServerResponse.empty())
      deepStrictEqual(yield* foundOf(4, logIn), [])
    }).pipe(Effect.provide(lifetimes)),
  )

  it.effect("is no leak where it is a scope of the program, which they all enter", () =>
    Effect.gen(function* () {
      const application = yield* Scope.make()
      const handler = streaming(Scope.provide(Effect.yieldNow, application))
      deepStrictEqual(yield* foundOf(4, () => handler), [])
    }).pipe(Effect.provide(lifetimes)),
  )

  it.effect("leaks where the handler runs under a timeout, on a fiber of its own", () =>
    Effect.gen(function* () {
      const leak = "request-scope-leak, scope open"
      const limited = () => Effect.timeout(streaming(open()), "1 minute")
      deepStrictEqual(yield* foundOf(3, limited), [leak, leak, leak])
    }).pipe(Effect.provide(lifetimes)),
  )

  it.effect("is no leak where the lookup of a cache has opened it, whoever asked first", () =>
    Effect.gen(function* () {
      const cache = yield* Cache.make({ capacity: 8, lookup: (_: number) => open() })
      const found = yield* foundOf(4, (request) => streaming(Cache.get(cache, request)))
      deepStrictEqual(found, [])
    }).pipe(Effect.provide(lifetimes)),
  )

  it.effect("is no leak where a scoped cache has opened it", () =>
    Effect.gen(function* () {
      const cache = yield* ScopedCache.make({ capacity: 8, lookup: (_: number) => connection })
      const found = yield* foundOf(4, (request) => streaming(ScopedCache.get(cache, request)))
      deepStrictEqual(found, [])
    }).pipe(Effect.scoped, Effect.provide(lifetimes)),
  )

  it.effect("is no leak where an RcMap has opened it", () =>
    Effect.gen(function* () {
      const map = yield* RcMap.make({
        lookup: (_: number) => connection,
        idleTimeToLive: "1 hour",
      })
      const found = yield* foundOf(4, (request) => streaming(RcMap.get(map, request)))
      deepStrictEqual(found, [])
    }).pipe(Effect.scoped, Effect.provide(lifetimes)),
  )
})

describe("a scope that a handler leaves open whose client left before the head", () => {
  const abandoned = Effect.gen(function* () {
    const handler = Effect.andThen(open(), Effect.never)
    const fiber = yield* Effect.forkChild(answer(handler), { startImmediately: true })
    yield* TestClock.adjust(1)
    fiber.interruptUnsafe(undefined, ClientAbort.annotation)
    yield* TestClock.adjust("2 seconds")
  })

  it.effect("has the scope of its request above it, which is exported as soon as it is found", () =>
    Effect.gen(function* () {
      for (let client = 1; client <= 3; client++) yield* abandoned
      const { ended, findings } = yield* Recording
      deepStrictEqual(new Set(findings.map(({ rule }) => rule)), new Set(["request-scope-leak"]))
      deepStrictEqual(
        ended.map(({ name }) => name),
        ["request", "request", "request"],
      )
    }).pipe(Effect.provide(lifetimes)),
  )
})
