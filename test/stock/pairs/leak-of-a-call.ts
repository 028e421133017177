import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcClient from "effect/rpc/RpcClient"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as RpcSerialization from "effect/rpc/RpcSerialization"
import * as RpcServer from "effect/rpc/RpcServer"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { settle, ticking } from "../stage.ts"

class Ticker extends RpcGroup.make(Rpc.make("ticks", { success: Schema.String, stream: true })) {}

/** Each call subscribes, in the scope of the application or in that of its stream. */
const call = Effect.fnUntraced(function* (
  inScope: <A>(
    subscribing: Effect.Effect<A, never, Scope.Scope>,
    application: Scope.Scope,
  ) => Effect.Effect<A, never, Scope.Scope>,
) {
  const application = yield* Effect.scope
  const bus = yield* PubSub.sliding<string>(64)
  yield* ticking(bus, "tick")
  let open = 0
  const subscribe = Effect.fn("subscribe")(function* () {
    yield* Effect.acquireRelease(
      Effect.sync(() => open++),
      () => Effect.sync(() => open--),
    )
    return Stream.fromSubscription(yield* PubSub.subscribe(bus))
  })
  const handlers = Ticker.toLayer({
    ticks: () => Stream.unwrap(inScope(subscribe(), application)),
  })
  const path = "/leak-of-a-call"
  const url = yield* serve(
    Layer.provide(RpcServer.layerHttp({ group: Ticker, path, protocol: "http" }), [
      handlers,
      RpcSerialization.layerNdjson,
    ]),
  )
  const protocol = RpcClient.layerProtocolHttp({ url: url + path }).pipe(
    Layer.provide([RpcSerialization.layerNdjson, FetchHttpClient.layer]),
  )
  const calling = Effect.gen(function* () {
    const client = yield* RpcClient.make(Ticker)
    yield* client.ticks().pipe(Stream.take(3), Stream.runDrain)
  }).pipe(Effect.scoped)
  for (let one = 0; one < 3; one++) yield* Effect.provide(calling, protocol)
  yield* settle
  return open === 0
})

export const pair: Pair = {
  rule: "subscription-leak",
  place: "subscribe",
  alone: true,
  broken: call((subscribing, application) => Scope.provide(subscribing, application)),
  fixed: call((subscribing) => subscribing),
}
