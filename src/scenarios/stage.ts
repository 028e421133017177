/** What the programs of the catalogue share: a real server, real clients, and time to settle. */
import { createServer, get, type Server } from "node:http"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpMiddleware from "effect/http/HttpMiddleware"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServer from "effect/http/HttpServer"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { layerTelemetry, tracedStream } from "../../otel/index.ts"
import { guard } from "../access/guard.ts"
import { buildAlone, isolatedSettings } from "../probe/isolated.ts"
import { openTracedClient } from "../probe/traced-client.ts"

/** Address of the OTLP receiver to which the program of a scenario sends its spans. */
export class Collector extends Context.Service<Collector, string>()(
  "scopeline/scenarios/Collector",
) {}

/** The grace period of the rules in a scenario: short, because every scenario waits it out. */
export const grace = "300 millis"

/** Time for late releases to become late. */
export const gracePassed = Effect.sleep("400 millis")

const host = "127.0.0.1"

const layerGuard = HttpRouter.middleware(guard({ host }), { global: true })

/** A server of these routes on a free port, as long as the current scope is open; gives its address. */
export const serving = <E, R>(
  routes: Layer.Layer<never, E, R>,
  makeServer: () => Server = createServer,
  gracefulShutdownTimeout: Duration.Input = "100 millis",
) =>
  HttpRouter.serve(Layer.provide(routes, layerGuard), {
    disableLogger: true,
    disableListenLog: true,
  }).pipe(
    Layer.provide(layerSpanNames),
    Layer.provideMerge(
      NodeHttpServer.layer(makeServer, {
        host,
        port: 0,
        gracefulShutdownTimeout,
      }),
    ),
    Layer.build,
    Effect.map((context) =>
      HttpServer.formatAddress(Context.get(context, HttpServer.HttpServer).address),
    ),
  )

const layerSpanNames = Layer.succeed(
  HttpMiddleware.SpanNameGenerator,
  ({ method, url }) => `${method} ${url.split("?", 1)[0]}`,
)

/** A response of server-sent events whose body is recorded under the name. */
export const sse = (name: string, events: Stream.Stream<string, unknown>) =>
  HttpServerResponse.stream(
    events.pipe(
      Stream.map((type) => `data: ${JSON.stringify({ type })}\n\n`),
      tracedStream(name),
      Stream.encodeText,
    ),
    { contentType: "text/event-stream" },
  )

/** A heartbeat that never ends. */
export const heartbeat: Stream.Stream<string> = Stream.fromSchedule(
  Schedule.spaced("100 millis"),
).pipe(Stream.map(() => "server.heartbeat"))

/** A client that has had its first event; its own span is the parent of the server's. */
export const connected = Effect.fnUntraced(function* (url: string) {
  const telemetry = layerTelemetry(isolatedSettings(yield* Collector, "client"))
  const client = yield* buildAlone(telemetry)
  const { stream } = yield* openTracedClient(url).pipe(Effect.provideContext(client))
  yield* stream.until(({ firstEventMs }) => firstEventMs !== undefined)
  return stream
})

/** Asks for something and reads the answer to its end. */
export const ask = (url: string, method: string) =>
  Effect.promise(async () => {
    await (await fetch(url, { method })).arrayBuffer()
  })

/** A client that reads nothing of what it is sent; returns a function with which it leaves. */
export const stalled = (url: string): Effect.Effect<Effect.Effect<void>, Error> =>
  Effect.callback((resume) => {
    const request = get(url, { agent: false }, (response) => {
      response.pause()
      resume(Effect.succeed(Effect.sync(() => request.destroy())))
    })
    request.on("error", (error) => resume(Effect.fail(error)))
  })
