/** PubSubs that are made at one place, of which one is read while events go to another. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as HttpRouter from "effect/http/HttpRouter"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as PubSub from "effect/PubSub"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { connected } from "../clients.ts"
import type { Program } from "../pair.ts"
import { serve } from "../serving.ts"
import { heartbeats, settle, sse } from "../stage.ts"

type Bus = PubSub.PubSub<string>

const makeBus = PubSub.sliding<string>(64)

const makeNamedBus = Effect.fn("makeBus")(function* () {
  return yield* makeBus
})

const Events = Context.Service<Bus>("stock/TenantEvents")

const layerEvents = Layer.effect(Events, makeBus)

const buildAgain = Effect.flatMap(Effect.scope, (scope) =>
  Effect.map(
    Layer.buildWithMemoMap(layerEvents, Layer.makeMemoMapUnsafe(), scope),
    Context.get(Events),
  ),
)

/** A client listens to what is quiet, and events go where nobody listens. */
const listenToOne = Effect.fnUntraced(function* (
  path: `/${string}`,
  quiet: Bus,
  busy: ReadonlyArray<Bus>,
) {
  const listen = Effect.fn("listen")(function* () {
    const events = Stream.fromSubscription(yield* PubSub.subscribe(quiet))
    return sse(Stream.merge(events, heartbeats, { haltStrategy: "left" }))
  })
  const url = yield* serve(HttpRouter.add("GET", path, listen()))
  const client = yield* connected(url + path)
  for (const bus of busy) {
    for (let one = 0; one < 5; one++) yield* PubSub.publish(bus, "order")
  }
  yield* settle
  const right = client.end === "open" && client.count("order") === 0
  yield* client.leave
  yield* settle
  return right
})

const twoTenants: Program = Effect.gen(function* () {
  const [quiet, busy] = [yield* makeNamedBus(), yield* makeNamedBus()]
  return yield* listenToOne("/two-tenants", quiet, [busy])
})

const aLayerForEachTenant: Program = Effect.gen(function* () {
  const [quiet, one, other] = [yield* buildAgain, yield* buildAgain, yield* buildAgain]
  return yield* listenToOne("/a-layer-for-each-tenant", quiet, [one, other])
})

/** What a Layer has told nobody before it was built anew is of no interest any more. */
const aLayerThatIsReloaded: Program = Effect.gen(function* () {
  const before = yield* Scope.make()
  const old = yield* Scope.provide(buildAgain, before)
  for (let one = 0; one < 5; one++) yield* PubSub.publish(old, "starting")
  yield* Scope.close(before, Exit.void)
  return yield* listenToOne("/a-layer-that-is-reloaded", yield* buildAgain, [])
})

/** Both builds are meant: each has its listener, and one of them has nothing to say. */
const aLayerForEachRegion: Program = Effect.gen(function* () {
  const [quiet, busy] = [yield* buildAgain, yield* buildAgain]
  yield* Effect.forkScoped(Stream.runDrain(Stream.fromSubscription(yield* PubSub.subscribe(busy))))
  return yield* listenToOne("/a-layer-for-each-region", quiet, [busy])
})

const Desk = Context.Service<string>("stock/Desk")

/** All that a tenant has: its events, and who tells of orders. */
const layerTenant = (name: string) =>
  Layer.merge(layerEvents, Layer.effect(Desk, Effect.succeed(name)))

/** Each tenant is a program of its own, and just now one has the orders, and the other the listener. */
const aRuntimeForEachTenant: Program = Effect.gen(function* () {
  const runtimes = ["quiet", "busy"].map((name) => ManagedRuntime.make(layerTenant(name)))
  const [quiet, busy] = yield* Effect.forEach(runtimes, (runtime) =>
    Effect.map(runtime.contextEffect, Context.get(Events)),
  )
  if (quiet === undefined || busy === undefined) return false
  const right = yield* listenToOne("/a-runtime-for-each-tenant", quiet, [busy])
  yield* Effect.forEach(runtimes, ({ disposeEffect }) => disposeEffect)
  return right
})

const Audit = Context.Service<Bus>("stock/Audit")

/** What is logged has a bus of its own, to which nobody listens just now. */
const layerAudit = Layer.effect(Audit, Events).pipe(Layer.provide(Layer.fresh(layerEvents)))

const aFreshLayer: Program = Effect.gen(function* () {
  const context = yield* Layer.build(Layer.merge(layerEvents, layerAudit))
  const [quiet, audit] = [Context.get(context, Events), Context.get(context, Audit)]
  return yield* listenToOne("/a-fresh-layer", quiet, [audit])
})

export const tenants = {
  "two-tenants": twoTenants,
  "a-layer-for-each-tenant": aLayerForEachTenant,
  "a-layer-that-is-reloaded": aLayerThatIsReloaded,
  "a-layer-for-each-region": aLayerForEachRegion,
  "a-runtime-for-each-tenant": aRuntimeForEachTenant,
  "a-fresh-layer": aFreshLayer,
}
