import { createServer } from "node:http"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Effect, Layer, PubSub, Stream } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import {
  layerTelemetryFromEnvironment,
  subscribeTraced,
  tracedPubSub,
  tracedScope,
  tracedStream,
} from "../../otel/index.ts"

// Two routes that differ in one line: who owns the subscription that the response body reads.
const routes = HttpRouter.use(
  Effect.fnUntraced(function* (router) {
    const ticks = yield* PubSub.sliding<string>(64).pipe(tracedPubSub("ticks"))
    const publish = PubSub.publish(ticks, "data: tick\n\n").pipe(Effect.delay("200 millis"))
    yield* Effect.forkScoped(Effect.forever(publish))

    const subscribe = Effect.map(subscribeTraced(ticks), (subscription) =>
      HttpServerResponse.stream(
        Stream.fromSubscription(subscription).pipe(tracedStream("ticks"), Stream.encodeText),
        { contentType: "text/event-stream" },
      ),
    )
    yield* router.add("GET", "/healthy", subscribe)
    yield* router.add("GET", "/broken", subscribe.pipe(tracedScope("handler")))
  }),
)

const port = Number(process.env.PORT ?? 4110)

const server = HttpRouter.serve(routes).pipe(
  Layer.provide(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port })),
)

const telemetry = layerTelemetryFromEnvironment({ serviceName: "ticks" })

NodeRuntime.runMain(Layer.launch(server.pipe(Layer.provide(telemetry))))
