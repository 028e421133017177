import { createServer } from "node:http"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Effect, Layer, PubSub, Stream } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import {
  layerTelemetry,
  settingsFromEnvironment,
  subscribeTraced,
  tracedPubSub,
  tracedScope,
  tracedStream,
} from "../otel/index.ts"

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

const server = HttpRouter.serve(routes).pipe(
  Layer.provide(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 4100 })),
)

const program = Effect.gen(function* () {
  const settings = yield* settingsFromEnvironment({ serviceName: "ticks" })
  yield* Layer.launch(server.pipe(Layer.provide(layerTelemetry(settings))))
})

NodeRuntime.runMain(program)
