/** A stream that is called over RPC. */
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcClient from "effect/rpc/RpcClient"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as RpcSerialization from "effect/rpc/RpcSerialization"
import * as RpcServer from "effect/rpc/RpcServer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { serve } from "./serving.ts"

class Ticker extends RpcGroup.make(Rpc.make("ticks", { success: Schema.String, stream: true })) {}

/** Serves the stream at that path; each run of what it gives is a call. */
export const calling = Effect.fnUntraced(function* (
  path: `/${string}`,
  ticks: Stream.Stream<string>,
) {
  const url = yield* serve(
    Layer.provide(RpcServer.layerHttp({ group: Ticker, path, protocol: "http" }), [
      Ticker.toLayer({ ticks: () => ticks }),
      RpcSerialization.layerNdjson,
    ]),
  )
  const protocol = RpcClient.layerProtocolHttp({ url: url + path }).pipe(
    Layer.provide([RpcSerialization.layerNdjson, FetchHttpClient.layer]),
  )
  return Stream.unwrap(Effect.map(RpcClient.make(Ticker), (client) => client.ticks())).pipe(
    Stream.provide(protocol),
  )
})
