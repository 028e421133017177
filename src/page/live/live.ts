import { createServer } from "node:http"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServer from "effect/http/HttpServer"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { layerLifetimes } from "../../../otel/instrument/automatic.ts"
import { evictionNotice, watchEvictions } from "../../collector/eviction-notice.ts"
import { Receiver } from "../../collector/receiver.ts"
import { TraceStore } from "../../collector/trace-store.ts"
import { startServer } from "../../comparison/start-server.ts"
import { buildAlone } from "../../probe/isolated.ts"
import { Application } from "../../server/application.ts"
import { Bus } from "../../server/bus.ts"
import { layerGracefulEnd, listenOptions, ServerAddress } from "../../server/server.ts"
import { layerStallLimit } from "../../server/stall-limit.ts"
import type { Side } from "./connections.ts"
import { type JaegerAddresses, layerJaeger } from "./jaeger.ts"
import { guardRequests } from "./request-guard.ts"
import { liveRoutes } from "./routes.ts"
import { Updates } from "./updates.ts"

interface LiveOptions {
  /** 0 takes a free one. */
  readonly port: number
  /** How much its collector keeps, in bytes. */
  readonly memory: number
  readonly jaeger: JaegerAddresses
  /** The command line, which a report names. */
  readonly words: ReadonlyArray<string>
}

/** A connection that is open for days must not make the page slow. */
const spansPerTrace = 5_000

const host = "127.0.0.1"

const every = (step: Duration.Duration, count: number): ReadonlyArray<Duration.Duration> =>
  Array.from({ length: count }, (_, index) => Duration.times(step, index + 1))

/** A stream that lives shows at once, and grows every second; after ten minutes nobody watches it. */
const markAfter: ReadonlyArray<Duration.Input> = [
  "100 millis",
  ...every(Duration.seconds(1), 600),
  ...every(Duration.minutes(1), 600).slice(10),
]

const telemetry = { markOpen: true, markLifetimes: true, markAfter }

const batchDelay = "100 millis"

/**
 * The live page with its two servers and its collector, until the scope closes. Gives its address;
 * fails with `ServeError` where it cannot listen.
 */
export const startLive = Effect.fnUntraced(function* ({
  port,
  memory,
  jaeger,
  words,
}: LiveOptions) {
  const collector = yield* buildAlone(
    Receiver.layer({ host, port: 0, memory }).pipe(
      Layer.provideMerge(layerJaeger(jaeger)),
      Layer.provideMerge(TraceStore.layer({ bytes: memory, spansPerTrace })),
    ),
  )
  yield* watchEvictions((counts) => Console.error(evictionNotice(counts, memory))).pipe(
    Effect.provide(collector),
  )
  // Each may wait a moment for its clients when it ends: they do so at the same time.
  const together = yield* Scope.fork(yield* Effect.scope, "parallel")
  const alone = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.flatMap(Scope.fork(together), (scope) => Scope.provide(effect, scope))

  const app = yield* Deferred.make<App>()
  const page = yield* alone(buildAlone(layerPage(port, app)))
  const address = Context.get(page, ServerAddress)
  const start = (variant: Side) => {
    const cors = [address, address.replace(host, "localhost")].join(",")
    const server = { variant, collector: Context.get(collector, Receiver).url, cors }
    return alone(startServer({ ...server, batchDelay }, telemetry))
  }
  const servers = { broken: yield* start("broken"), fixed: yield* start("fixed") }
  const updates = Updates.layer.pipe(Layer.provide(Layer.succeedContext(collector)))
  const content = yield* Layer.build(updates).pipe(
    Effect.flatMap((built) =>
      Effect.provideContext(
        Effect.flatMap(liveRoutes(servers, words), HttpRouter.toHttpEffect),
        Context.merge(page, built),
      ),
    ),
    Effect.provideContext(page),
  )
  yield* Deferred.succeed(app, guardRequests({ host }, servers, content))
  return address
})

type App = Effect.Effect<
  HttpServerResponse.HttpServerResponse,
  unknown,
  HttpServerRequest.HttpServerRequest | Scope.Scope
>

/** Listens at once, because the servers have to know the page's origin, and answers when it can. */
const layerPage = (port: number, app: Deferred.Deferred<App>) =>
  Layer.unwrap(
    Effect.sync(() => {
      const node = createServer()
      const listening = NodeHttpServer.layer(() => node, listenOptions({ host, port }))
      return Layer.merge(layerGracefulEnd(node), layerStallLimit(node)).pipe(
        Layer.provide(HttpServer.serve(Effect.flatten(Deferred.await(app)))),
        Layer.provide(listening),
        Layer.provideMerge([Bus.layer, Application.layer]),
        Layer.provideMerge(layerLifetimes()),
      )
    }),
  )
