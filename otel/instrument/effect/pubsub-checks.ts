/** Whether the seam sees what is published to a PubSub, and what is taken from a subscription. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import * as Scope from "effect/Scope"
import { layerBuiltIn, outerOf, watchLayers } from "./layer-builds.ts"
import { areAllMet, meetPubSubs } from "./meeting-pubsubs.ts"
import { capacityOf, drops, isObservable, observePubSub } from "./pubsubs.ts"
import {
  isObservable as isObservableSubscription,
  observeSubscription,
  SubscriptionView,
} from "./subscriptions.ts"

export const pubsubs: Effect.Effect<boolean> = Effect.gen(function* () {
  const told: Array<string> = []
  const pubsub = yield* PubSub.dropping<number>(2)
  if (!isObservable(pubsub)) return false
  observePubSub(pubsub, {
    published: (accepted, refused) => told.push(`${accepted} of ${accepted + refused}`),
    ended: (how) => told.push(how),
  })
  yield* PubSub.subscribe(pubsub)
  yield* PubSub.publish(pubsub, 1)
  yield* PubSub.publishAll(pubsub, [2, 3])
  yield* PubSub.end(pubsub, 4)
  yield* PubSub.shutdown(pubsub)
  return told.join() === "1 of 1,1 of 2,ended,shutdown" && capacityOf(pubsub) === 2 && drops(pubsub)
}).pipe(Effect.scoped)

export const subscriptions: Effect.Effect<boolean> = Effect.gen(function* () {
  const pubsub = yield* PubSub.dropping<number>({ capacity: 4, replay: 1 })
  const scope = yield* Scope.make()
  yield* PubSub.publish(pubsub, 0)
  const subscription = yield* PubSub.subscribe(pubsub).pipe(Scope.provide(scope))
  if (!isObservableSubscription(subscription)) return false
  const view = new SubscriptionView(subscription)
  const told: Array<string> = []
  observeSubscription(subscription, {
    asked: () => told.push("asked"),
    released: () => told.push("released"),
    took: (count) => told.push(`took ${count} and left ${view.size}`),
  })
  const replayed = view.replays && view.replayed === 1
  yield* PubSub.publishAll(pubsub, [1, 2, 3])
  yield* PubSub.take(subscription)
  yield* PubSub.take(subscription)
  yield* PubSub.takeAll(subscription)
  yield* Effect.forkDetach(PubSub.take(subscription), { startImmediately: true })
  const awaited = view.isAwaited && !view.isReleased && !view.hasSourceEnded
  told.length = Math.min(told.length, 6) // how often it asks before it waits is Effect's own affair
  yield* Scope.close(scope, Exit.void)
  yield* PubSub.end(pubsub, 4)
  return (
    told.join() === "asked,asked,took 1 and left 2,asked,took 2 and left 0,asked,released" &&
    replayed &&
    awaited &&
    view.isReleased &&
    view.hasSourceEnded
  )
})

export const meetings: Effect.Effect<boolean> = Effect.gen(function* () {
  const met: Array<unknown> = []
  const forget = meetPubSubs({
    made: (_, pubsub) => met.push(pubsub),
    subscribed: (_, subscription) => met.push(subscription),
  })
  const pubsub = yield* PubSub.dropping<number>(2)
  const subscription = yield* PubSub.subscribe(pubsub)
  forget()
  return areAllMet() && met.length === 2 && met[0] === pubsub && met[1] === subscription
}).pipe(Effect.scoped)

/** Whether it is known which Layer is built in a scope, and inside which other build. */
export const layers: Effect.Effect<boolean> = Effect.gen(function* () {
  watchLayers()
  let isKnown = false
  const memoMap = Layer.makeMemoMapUnsafe()
  yield* memoMap.getOrElseMemoize(Layer.empty, yield* Effect.scope, (_, scope) => {
    isKnown = layerBuiltIn(scope)?.layer === Layer.empty
    return Effect.succeed(Context.empty())
  })
  return isKnown && outerOf(Layer.forkMemoMapUnsafe(memoMap)) === memoMap
}).pipe(Effect.scoped)
