/** What requests share, and what it is made of. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { tracedPubSub } from "../../otel/index.ts"
import { bye, eventsOf, passOn } from "./bus.ts"
import { type Ledger, nobody } from "./ledger.ts"
import type { Bus, Plan } from "./plan.ts"

export type Subscribe = (
  pubsub: PubSub.PubSub<string>,
) => Effect.Effect<PubSub.Subscription<string>, never, Scope.Scope>

export const named = <E, R>(
  { helpers }: Plan,
  name: string,
  make: Effect.Effect<PubSub.PubSub<string>, E, R>,
) => (helpers.pubsub ? tracedPubSub(name)(make) : make)

export const busOf = ({ kind, capacity, replay }: Bus) => {
  switch (kind) {
    case "unbounded":
      return PubSub.unbounded<string>({ replay })
    case "sliding":
      return PubSub.sliding<string>({ capacity, replay })
    case "dropping":
      return PubSub.dropping<string>({ capacity, replay })
    case "bounded":
      return PubSub.bounded<string>({ capacity, replay })
  }
}

class Events extends Context.Service<Events, PubSub.PubSub<string>>()("truth/Events") {}

class Sync extends Context.Service<Sync, string>()("truth/Sync") {}

const layerSync = Layer.effect(Sync, Effect.succeed("sync"))

/** Makes the bus, whenever it is asked for one; after the first time by a Layer that is built with another program. */
export const busMaker = (
  plan: Plan,
  application: Scope.Scope,
): Effect.Effect<PubSub.PubSub<string>> => {
  const makeBus = named(plan, "bus", busOf(plan.bus))
  if (plan.bus.madeBy !== "a Layer") return makeBus
  const layer = Layer.effect(Events, makeBus)
  let next: Layer.Layer<Events> = layer
  const build = Effect.suspend(() => {
    const current = next
    next = Layer.merge(layer, layerSync)
    return Layer.buildWithMemoMap(current, Layer.makeMemoMapUnsafe(), application)
  })
  return Effect.map(build, (context) => Context.get(context, Events))
}

export const fromBus = (bus: () => PubSub.PubSub<string>, subscribe: Subscribe) =>
  Stream.unwrap(
    Effect.map(
      Effect.suspend(() => subscribe(bus())),
      eventsOf,
    ),
  )

/** Passes what the bus has on to everybody, as long as the current scope is open. */
export const makeRelay = (
  plan: Plan,
  ledger: Ledger,
  subscribe: Subscribe,
  bus: () => PubSub.PubSub<string>,
) =>
  Effect.gen(function* () {
    const relay = yield* Effect.acquireRelease(
      named(plan, "relay", PubSub.sliding<string>(64)),
      PubSub.shutdown,
    )
    yield* ledger.scoped("relay", nobody, "program")
    const subscription = yield* subscribe(bus())
    yield* Effect.forkScoped(
      Effect.andThen(
        passOn(subscription, (event) => PubSub.publish(relay, event)),
        PubSub.end(relay, bye),
      ),
    )
    return relay
  })

/** In the scope of whoever runs it first; the others are given what that has made. */
export const onlyOnce = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
  let made: { readonly value: A } | undefined
  return Effect.suspend(() =>
    made === undefined
      ? Effect.tap(self, (value) =>
          Effect.sync(() => {
            made = { value }
          }),
        )
      : Effect.succeed(made.value),
  )
}

/** Passes what the bus has on to another PubSub. */
export const pump = (
  ledger: Ledger,
  subscribe: Subscribe,
  bus: () => PubSub.PubSub<string>,
  to: PubSub.PubSub<string>,
) =>
  Effect.gen(function* () {
    const subscription = yield* subscribe(bus())
    yield* Effect.forkScoped(
      passOn(subscription, (event) => PubSub.publish(to, event)).pipe(
        ledger.during("pump", nobody, "program"),
      ),
    )
  })

class Feed extends Context.Service<Feed, { readonly events: Stream.Stream<string> }>()(
  "truth/Feed",
) {}

/** A service that owns a PubSub; provided too early, it is gone as soon as it has been looked up. */
export const feedOf = Effect.fnUntraced(function* (
  plan: Plan,
  subscribe: Subscribe,
  bus: () => PubSub.PubSub<string>,
) {
  const { source } = plan.handler
  if (source.from !== "feed") return Stream.empty
  const layer = Layer.effect(
    Feed,
    Effect.gen(function* () {
      const own = yield* Effect.acquireRelease(
        named(plan, "feed", PubSub.sliding<string>(16)),
        PubSub.shutdown,
      )
      const subscription = yield* subscribe(bus())
      yield* Effect.forkScoped(passOn(subscription, (event) => PubSub.publish(own, event)))
      return { events: fromBus(() => own, subscribe) }
    }),
  )
  const feed =
    source.provided === "early"
      ? Feed.pipe(Effect.provide(layer))
      : Effect.map(Layer.build(layer), (context) => Context.get(context, Feed))
  return (yield* feed).events
})

/** A connection with a fiber that keeps it alive, for everybody. */
export const singleton = (ledger: Ledger, application: Scope.Scope) =>
  Effect.gen(function* () {
    yield* ledger.scoped("singleton", nobody, "program")
    yield* Effect.forkScoped(
      Effect.forever(Effect.sleep("20 millis")).pipe(
        ledger.during("keep-alive", nobody, "program"),
      ),
    )
  }).pipe(Scope.provide(application))
