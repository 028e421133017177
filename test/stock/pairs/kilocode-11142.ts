import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { type Routes, serve } from "../serving.ts"
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

/** The listener has a state of its own, to which the bus of the publishers belongs or not. */
const listen = Effect.fnUntraced(function* (
  listenerOf: (publishers: PubSub.PubSub<string>) => Routes,
) {
  const bus = Context.get(yield* Layer.build(layerBus), Bus)
  const url = yield* serve(listenerOf(bus))
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
  broken: listen(() => Layer.fresh(Layer.provide(routes, layerBus))),
  fixed: listen((bus) => Layer.fresh(Layer.provide(routes, Layer.succeed(Bus, bus)))),
}
