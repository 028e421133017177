import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as PubSub from "effect/PubSub"
import * as RcRef from "effect/RcRef"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { subscribeTraced, tracedScope } from "../../otel/index.ts"
import { ask, connected, gracePassed, serving, sse } from "../../src/scenarios/stage.ts"
import { makeRelay } from "../../src/scenarios/upstream-bound-to-first-consumer.ts"
import { hello, makeBus } from "./event-route.ts"
import type { Healthy } from "./healthy.ts"

const aCacheIsFilled: Healthy = {
  title: "the first request fills a cache that the application keeps",
  exchanges: ["GET /latest server", "GET /latest server"],
  play: Effect.gen(function* () {
    const application = yield* Effect.scope
    const bus = yield* makeBus
    let latest = "nothing"
    const fill = Effect.gen(function* () {
      const subscription = yield* subscribeTraced(bus)
      yield* PubSub.take(subscription).pipe(
        Effect.tap((type) =>
          Effect.sync(() => {
            latest = type
          }),
        ),
        Effect.forever,
        Effect.forkScoped,
      )
    })
    const filled = yield* Effect.cached(Scope.provide(fill, application))
    const answer = Effect.map(filled, () => HttpServerResponse.jsonUnsafe({ latest }))
    const server = yield* serving(HttpRouter.add("GET", "/latest", answer))
    yield* ask(`${server}/latest`, "GET")
    yield* gracePassed
    yield* PubSub.publish(bus, "created")
    yield* ask(`${server}/latest`, "GET")
    yield* gracePassed
  }).pipe(tracedScope("application", "application")),
}

/** Three clients watch what is shared, and leave in the order in which they came. */
const watchedByThree = Effect.fnUntraced(function* (
  share: Effect.Effect<PubSub.PubSub<string>, never, Scope.Scope>,
) {
  const ticks = Effect.gen(function* () {
    const subscription = yield* subscribeTraced(yield* share)
    return sse("ticks", Stream.fromSubscription(subscription))
  })
  const server = yield* serving(HttpRouter.add("GET", "/ticks", ticks))
  yield* leavingInTurn(`${server}/ticks`)
})

const leavingInTurn = Effect.fnUntraced(function* (url: string) {
  const connect = connected(url)
  const clients = yield* Effect.all([connect, connect, connect])
  for (const client of clients) {
    yield* client.leave
    yield* gracePassed
  }
})

const ticksOfThree = ["GET /ticks client", "GET /ticks client", "GET /ticks client"] as const

const anUpstreamOfTheApplication: Healthy = {
  title: "the first request makes an upstream for all, which the application owns",
  exchanges: ticksOfThree,
  play: Effect.gen(function* () {
    const application = yield* Effect.scope
    const relay = yield* Effect.cached(Scope.provide(makeRelay, application))
    yield* watchedByThree(relay)
  }).pipe(tracedScope("application", "application")),
}

const anUpstreamThatIsCounted: Healthy = {
  title: "an upstream is shared by counted readers, and ends with the last of them",
  exchanges: ticksOfThree,
  play: Effect.gen(function* () {
    const relay = yield* RcRef.make({ acquire: makeRelay })
    yield* watchedByThree(RcRef.get(relay))
  }),
}

const aStreamThatIsShared: Healthy = {
  title: "a stream is shared, its first consumer leaves, and nothing happens",
  exchanges: ticksOfThree,
  play: Effect.gen(function* () {
    const bus = yield* makeBus
    const ticks = Stream.unwrap(Effect.map(subscribeTraced(bus), Stream.fromSubscription))
    const shared = yield* Stream.share(Stream.concat(hello, ticks), { capacity: 16, replay: 1 })
    const server = yield* serving(
      HttpRouter.add("GET", "/ticks", Effect.succeed(sse("ticks", shared))),
    )
    yield* leavingInTurn(`${server}/ticks`)
  }),
}

export const sharing = [
  aStreamThatIsShared,
  aCacheIsFilled,
  anUpstreamOfTheApplication,
  anUpstreamThatIsCounted,
]
