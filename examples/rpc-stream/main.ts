import { createServer } from "node:http"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Effect, Layer, PubSub, Stream } from "effect"
import { HttpRouter } from "effect/http"
import { RpcSerialization, RpcServer } from "effect/rpc"
import { layerTelemetryFromEnvironment, subscribeTraced, tracedPubSub } from "../../otel/index.ts"
import { Ticker } from "./rpcs.ts"

/** Every call is a stream of its own over the one WebSocket, and reads a subscription of its own. */
const layerTicker = Ticker.toLayer(
  Effect.gen(function* () {
    const ticks = yield* PubSub.sliding<number>(64).pipe(tracedPubSub("ticks"))
    let tick = 0
    const publish = Effect.suspend(() => PubSub.publish(ticks, tick++))
    yield* Effect.forkScoped(Effect.forever(Effect.delay(publish, "100 millis")))
    return {
      ticks: () => Stream.unwrap(Effect.map(subscribeTraced(ticks), Stream.fromSubscription)),
    }
  }),
)

const routes = RpcServer.layerHttp({ group: Ticker, path: "/rpc", protocol: "websocket" }).pipe(
  Layer.provide([layerTicker, RpcSerialization.layerNdjson]),
)

const port = Number(process.env.PORT ?? 4113)

const server = HttpRouter.serve(routes).pipe(
  Layer.provide(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port })),
)

const telemetry = layerTelemetryFromEnvironment({ serviceName: "ticker" })

NodeRuntime.runMain(Layer.launch(server.pipe(Layer.provide(telemetry))))
