import { deepStrictEqual, strictEqual } from "node:assert"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as HttpEffect from "effect/http/HttpEffect"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as PubSub from "effect/PubSub"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { subscribeTraced, tracedPubSub, tracedStream } from "../../otel/index.ts"
import { Registry } from "../../otel/instrument/records/registry.ts"
import { eventually } from "../support/eventually.ts"
import { eventStream } from "./exchange.ts"
import { endedScope, endedStream, endedSubscription, Recording, recorded } from "./recording.ts"

const exchangesEnded = Effect.flatMap(Registry, ({ exchanges }) =>
  eventually(
    Effect.sync(() => exchanges.size),
    (open) => open === 0,
  ),
)

/** Asks a web handler and gives its answer. */
const asked = Effect.fnUntraced(function* (
  handler: Effect.Effect<HttpServerResponse.HttpServerResponse, unknown, Scope.Scope>,
  init: RequestInit = {},
) {
  const handle = HttpEffect.toWebHandlerWith<Registry, Scope.Scope>(
    yield* Effect.context<Registry>(),
  )(handler)
  return yield* Effect.promise(() => handle(new Request("http://localhost/event", init)))
})

const subscribed = Effect.gen(function* () {
  const pubsub = yield* PubSub.unbounded<number>({ replay: 1 }).pipe(tracedPubSub("bus"))
  yield* PubSub.publish(pubsub, 1)
  return Effect.map(subscribeTraced(pubsub), (subscription) =>
    eventStream(Stream.fromSubscription(subscription).pipe(tracedStream("event"))),
  )
})

const request = Effect.map(endedScope("request"), (scope) => ({ scope, exchange: scope.exchange }))

describe("an exchange of a web handler", () => {
  it.live("lasts until its client leaves the body", () =>
    Effect.gen(function* () {
      const { body } = yield* asked(yield* subscribed)
      const reader = body?.getReader()
      yield* Effect.promise(async () => reader?.read())
      const [open] = (yield* Registry).exchanges
      strictEqual(open?.endedAt, undefined)
      yield* Effect.promise(async () => reader?.cancel())
      yield* exchangesEnded
      const { exchange, scope } = yield* request
      const { endedAt, endedBy } = yield* endedStream("event")
      deepStrictEqual([exchange?.endedBy, endedBy], ["client", "client"])
      const ends = [endedAt, exchange?.endedAt, scope.endedAt]
      deepStrictEqual(
        ends,
        ends.toSorted((a = 0, b = 0) => a - b),
      )
    }).pipe(Effect.provide(recorded())),
  )

  it.live("is healthy where its subscription lives in the request's scope", () =>
    Effect.gen(function* () {
      const { body } = yield* asked(yield* subscribed)
      yield* Effect.promise(async () => body?.cancel())
      yield* exchangesEnded
      const { exchange } = yield* request
      deepStrictEqual(exchange?.matches, [])
      strictEqual((yield* endedSubscription("bus")).releasedBy, (yield* request).scope.span.spanId)
    }).pipe(Effect.provide(recorded())),
  )

  it.live("is ended by the client too where that aborts the request", () =>
    Effect.gen(function* () {
      const leaving = new AbortController()
      yield* asked(yield* subscribed, { signal: leaving.signal })
      leaving.abort()
      yield* exchangesEnded
      strictEqual((yield* request).exchange?.endedBy, "client")
    }).pipe(Effect.provide(recorded())),
  )

  it.live("is ended by the server where the body ends or fails", () =>
    Effect.gen(function* () {
      for (const body of [Stream.make(1), Stream.concat(Stream.make(1), Stream.fail("broken"))]) {
        const response = yield* asked(Effect.succeed(eventStream(body)))
        const failed = yield* Effect.promise(() =>
          response.text().then(
            () => false,
            () => true,
          ),
        )
        yield* exchangesEnded
        const exchange = (yield* Recording).ended.at(-1)?.exchange
        deepStrictEqual([exchange?.endedBy, exchange?.failed], ["server", failed])
      }
    }).pipe(Effect.provide(recorded())),
  )

  it.live("ends with the handler where nobody asked for the body", () =>
    Effect.gen(function* () {
      yield* asked(yield* subscribed, { method: "HEAD" })
      yield* exchangesEnded
      const { exchange } = yield* request
      deepStrictEqual([exchange?.endedBy, exchange?.streams], ["server", []])
    }).pipe(Effect.provide(recorded())),
  )
})
