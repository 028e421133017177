import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Pair } from "../pair.ts"
import { serve } from "../serving.ts"
import { heartbeats, settle, sse } from "../stage.ts"

interface Events {
  readonly publish: (event: string) => Effect.Effect<boolean>
  readonly subscribe: Effect.Effect<PubSub.Subscription<string>, never, Scope.Scope>
}

const Bus = Context.Service<Events>("stock/Events")

const layerBus = Layer.effect(
  Bus,
  Effect.map(PubSub.sliding<string>(64), (bus) => ({
    publish: (event: string) => PubSub.publish(bus, event),
    subscribe: PubSub.subscribe(bus),
  })),
)

class Sync extends Context.Service<Sync, Effect.Success<typeof Bus>["publish"]>()("stock/Sync") {}

/** Tells the bus what was synchronized. */
const layerSync = Layer.effect(
  Sync,
  Effect.map(Bus, ({ publish }) => publish),
).pipe(Layer.provide(layerBus))

/** What is synchronized has a runtime of its own beside that of the server; the two share what they build, or not. */
const watch = Effect.fnUntraced(function* (
  memoMapOfSync: (server: Layer.MemoMap) => Layer.MemoMap,
) {
  const scope = yield* Effect.scope
  const server = Layer.makeMemoMapUnsafe()
  const read = Context.get(yield* Layer.buildWithMemoMap(layerBus, server, scope), Bus)
  const sync = yield* Layer.buildWithMemoMap(layerSync, memoMapOfSync(server), scope)
  const publish = Context.get(sync, Sync)
  const subscribe = Effect.fn("subscribe")(function* () {
    const events = Stream.fromSubscription(yield* read.subscribe)
    return sse(Stream.merge(events, heartbeats, { haltStrategy: "left" }))
  })
  const url = yield* serve(HttpRouter.add("GET", "/opencode-27966", subscribe()))
  const client = yield* connected(`${url}/opencode-27966`)
  for (let one = 0; one < 5; one++) yield* publish("updated")
  const right = yield* client.until((it) => it.count("updated") === 5)
  yield* settle
  yield* client.leave
  yield* settle
  return right
})

export const pair: Pair = {
  report: "anomalyco/opencode#27966",
  rule: "starved-stream",
  place: "subscribe",
  broken: watch(() => Layer.makeMemoMapUnsafe()),
  fixed: watch((server) => server),
}
