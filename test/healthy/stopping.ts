import { createServer } from "node:http"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServer from "effect/http/HttpServer"
import * as PubSub from "effect/PubSub"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { forkTracedScope, Lifetimes, subscribeTraced } from "../../otel/index.ts"
import { connected, gracePassed, serving, sse } from "../../src/scenarios/stage.ts"
import { eventRoute, hello, makeBus } from "./event-route.ts"
import type { Healthy } from "./healthy.ts"

/** A client watches a server that stops, after it has done what it does before. */
const stopping = (before: (bus: PubSub.PubSub<string>) => Effect.Effect<void, never, Lifetimes>) =>
  Effect.gen(function* () {
    const bus = yield* makeBus
    const lifetime = yield* Scope.make()
    const server = yield* serving(eventRoute(bus)).pipe(Scope.provide(lifetime))
    const client = yield* connected(`${server}/event`)
    yield* gracePassed
    yield* before(bus)
    yield* Scope.close(lifetime, Exit.void)
    yield* client.until(() => false)
    yield* gracePassed
  })

const theServerStops: Healthy = {
  title: "the server stops under an open stream",
  exchanges: ["GET /event shutdown"],
  play: stopping(() => Effect.void),
}

const theServerEndsItsStreams: Healthy = {
  title: "the server ends its streams, and then stops",
  exchanges: ["GET /event shutdown"],
  play: stopping(
    Effect.fnUntraced(function* (bus) {
      const lifetimes = yield* Lifetimes
      lifetimes.beginShutdown()
      yield* PubSub.shutdown(bus)
    }),
  ),
}

/** All finalizers are in one scope, and run one after the other. */
const somethingSlowStopsFirst: Healthy = {
  title: "something slow stops before the server does",
  exchanges: ["GET /event shutdown"],
  play: Effect.gen(function* () {
    const bus = yield* makeBus
    const application = yield* Scope.make()
    const server = yield* Effect.gen(function* () {
      const { serve, address } = yield* NodeHttpServer.make(createServer, {
        host: "127.0.0.1",
        port: 0,
        gracefulShutdownTimeout: "100 millis",
      })
      const handler = Effect.map(PubSub.subscribe(bus), (subscription) =>
        sse("event", Stream.concat(hello, Stream.fromSubscription(subscription))),
      )
      yield* serve(handler)
      yield* Effect.addFinalizer(() => gracePassed)
      return HttpServer.formatAddress(address)
    }).pipe(Scope.provide(application))
    const client = yield* connected(`${server}/event`)
    yield* Scope.close(application, Exit.void)
    yield* client.until(() => false)
    yield* gracePassed
  }),
}

type Subscribe = (
  bus: PubSub.PubSub<string>,
) => Effect.Effect<PubSub.Subscription<string>, never, Scope.Scope>

type Fork = (
  parent: Scope.Scope,
  name: string,
) => Effect.Effect<Scope.Closeable, never, Scope.Scope>

type Events = Stream.Stream<string, unknown>

/** Subscribes in a scope that ends with the application, and with the request. */
const onConnection = Effect.fnUntraced(function* (
  application: Scope.Scope,
  fork: Fork,
  subscription: ReturnType<Subscribe>,
) {
  const connection = yield* Effect.acquireRelease(fork(application, "connection"), (scope) =>
    Scope.close(scope, Exit.void),
  )
  return yield* Scope.provide(subscription, connection)
})

/** The application's scope closes the connections before the server that it was given earlier. */
const stoppingFirst = (fork: Fork, subscribe: Subscribe, through: (events: Events) => Events) =>
  Effect.gen(function* () {
    const bus = yield* makeBus
    const application = yield* Scope.make()
    const handler = Effect.map(onConnection(application, fork, subscribe(bus)), (subscription) =>
      sse("event", through(Stream.concat(hello, Stream.fromSubscription(subscription)))),
    )
    const server = yield* serving(HttpRouter.add("GET", "/event", handler)).pipe(
      Scope.provide(application),
    )
    const client = yield* connected(`${server}/event`)
    yield* gracePassed
    yield* Scope.close(application, Exit.void)
    yield* client.until(() => false)
    yield* gracePassed
  })

const throughReadable = (events: Events): Events =>
  Stream.unwrap(
    Effect.map(Stream.toReadableStreamEffect(events), (readable) =>
      Stream.fromReadableStream({ evaluate: () => readable, onError: (error) => error }),
    ),
  )

const asItIs = (events: Events): Events => events

const unnamed: Fork = (parent) => Scope.fork(parent)

const connectionsEndFirst: ReadonlyArray<Healthy> = [
  {
    title: "connections that are named end before their server",
    exchanges: ["GET /event shutdown"],
    play: stoppingFirst(forkTracedScope, subscribeTraced, asItIs),
  },
  {
    title: "connections end before their server",
    exchanges: ["GET /event shutdown"],
    play: stoppingFirst(unnamed, PubSub.subscribe, asItIs),
  },
  {
    title: "connections end before their server, while a fork reads what they own",
    exchanges: ["GET /event shutdown"],
    play: stoppingFirst(unnamed, PubSub.subscribe, Stream.buffer({ capacity: 8 })),
  },
  {
    title: "connections end before their server, and a reader fails with that",
    exchanges: ["GET /event shutdown"],
    play: stoppingFirst(unnamed, PubSub.subscribe, throughReadable),
  },
]

export const stoppingServers = [
  theServerStops,
  theServerEndsItsStreams,
  somethingSlowStopsFirst,
  ...connectionsEndFirst,
]
