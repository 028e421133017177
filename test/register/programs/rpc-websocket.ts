/** Streams over RPC on a WebSocket: a connection of its own, and two calls. */
import { createServer } from "node:http"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Effect, Layer, PubSub, Schema, Stream } from "effect"
import { HttpRouter } from "effect/http"
import { Rpc, RpcClient, RpcGroup, RpcSerialization, RpcServer } from "effect/rpc"
import { Socket } from "effect/socket"
import { address } from "./ticks.ts"

class Ticker extends RpcGroup.make(Rpc.make("ticks", { success: Schema.Int, stream: true })) {}

const layerTicker = Ticker.toLayer(
  Effect.gen(function* () {
    const ticks = yield* PubSub.sliding<number>(64)
    yield* Effect.forkScoped(Effect.forever(Effect.delay(PubSub.publish(ticks, 1), "20 millis")))
    return { ticks: () => Stream.fromPubSub(ticks) }
  }),
)

const routes = RpcServer.layerHttp({ group: Ticker, path: "/rpc", protocol: "websocket" }).pipe(
  Layer.provide([layerTicker, RpcSerialization.layerNdjson]),
)

const server = HttpRouter.serve(routes, { disableLogger: true, disableListenLog: true }).pipe(
  Layer.provideMerge(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })),
)

const program = Effect.gen(function* () {
  const url = (yield* address).replace("http", "ws")
  const protocol = RpcClient.layerProtocolSocket().pipe(
    Layer.provide([
      RpcSerialization.layerNdjson,
      Socket.layerWebSocket(`${url}/rpc`).pipe(
        Layer.provide(Socket.layerWebSocketConstructorGlobal),
      ),
    ]),
  )
  const calls = Effect.gen(function* () {
    const client = yield* RpcClient.make(Ticker)
    const call = client.ticks().pipe(Stream.take(3), Stream.runSum)
    return yield* Effect.all([call, call], { concurrency: 2 })
  })
  return yield* calls.pipe(Effect.scoped, Effect.provide(protocol))
})

console.log(await Effect.runPromise(Effect.provide(program, server)))
