import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { heartbeats, settle, sse } from "../stage.ts"

const Bus = Context.Service<PubSub.PubSub<string>>("stock/Bus")

const layerBus = Layer.effect(Bus, PubSub.sliding<string>(64))

const subscribe = Effect.fn("subscribe")(function* (bus: PubSub.PubSub<string>) {
  const events = Stream.fromSubscription(yield* PubSub.subscribe(bus))
  return sse(Stream.merge(events, heartbeats, { haltStrategy: "left" }))
})

const routes = HttpRouter.use((router) =>
  Effect.flatMap(Bus, (bus) => router.add("GET", "/kilocode-11142", subscribe(bus))),
)

/** The listener is built with a bus of its own, or with that of the publishers. */
const listen = Effect.fnUntraced(function* (
  busOfListener: (publishers: PubSub.PubSub<string>) => Layer.Layer<PubSub.PubSub<string>>,
) {
  const bus = Context.get(yield* Layer.build(layerBus), Bus)
  const url = yield* serve(Layer.provide(routes, busOfListener(bus)))
  const client = yield* connected(`${url}/kilocode-11142`)
  for (let one = 0; one < 5; one++) yield* PubSub.publish(bus, "created")
  const right = yield* client.until((it) => it.count("created") === 5)
  yield* settle
  yield* client.leave
  yield* settle
  return right
})

export const pair: Pair = {
  report: "Kilo-Org/kilocode#11142",
  rule: "starved-stream",
  broken: listen(() => Layer.fresh(layerBus)),
  fixed: listen((bus) => Layer.succeed(Bus, bus)),
}
