import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Effect, Layer, Stream } from "effect"
import { RpcClient, RpcSerialization } from "effect/rpc"
import { Socket } from "effect/socket"
import { Ticker } from "./rpcs.ts"

const port = Number(process.env.PORT ?? 4113)

const protocol = RpcClient.layerProtocolSocket().pipe(
  Layer.provide([
    RpcSerialization.layerNdjson,
    Socket.layerWebSocket(`ws://127.0.0.1:${port}/rpc`).pipe(
      Layer.provide(Socket.layerWebSocketConstructorGlobal),
    ),
  ]),
)

const program = Effect.gen(function* () {
  const client = yield* RpcClient.make(Ticker)
  yield* client.ticks().pipe(
    Stream.take(3),
    Stream.runForEach((tick) => Effect.log(`tick ${tick}`)),
  )
}).pipe(Effect.scoped, Effect.provide(protocol))

NodeRuntime.runMain(program)
