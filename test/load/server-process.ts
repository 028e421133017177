// A server with a healthy and a broken stream, until it is asked to stop. Its settings come from the environment.
import { createServer } from "node:http"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Effect, Layer, PubSub, Stream } from "effect"
import { HttpRouter, HttpServer, HttpServerResponse } from "effect/http"
import { layerTelemetryFromEnvironment } from "../../otel/index.ts"

const routes = HttpRouter.use(
  Effect.fnUntraced(function* (router) {
    const bus = yield* PubSub.unbounded<string>()
    const subscribe = Effect.fn("subscribe")(function* () {
      const subscription = yield* PubSub.subscribe(bus)
      const events = Stream.concat(
        Stream.make("data: hello\n\n"),
        Stream.fromSubscription(subscription),
      )
      return HttpServerResponse.stream(Stream.encodeText(events), {
        contentType: "text/event-stream",
      })
    })
    yield* router.add("GET", "/event", subscribe())
    yield* router.add("GET", "/broken", Effect.scoped(subscribe()))
  }),
)

const announced = Layer.effectDiscard(
  HttpServer.addressFormattedWith((address) =>
    Effect.sync(() => console.log(`Listening on ${address}`)),
  ),
)

const server = HttpRouter.serve(Layer.merge(routes, announced), {
  disableLogger: true,
  disableListenLog: true,
}).pipe(
  Layer.provide(
    NodeHttpServer.layer(createServer, {
      host: "127.0.0.1",
      port: 0,
      gracefulShutdownTimeout: "100 millis",
    }),
  ),
)

const telemetry = layerTelemetryFromEnvironment({ serviceName: "load" })

NodeRuntime.runMain(Layer.launch(server.pipe(Layer.provide(telemetry))))
