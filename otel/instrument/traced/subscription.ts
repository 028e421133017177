import * as Effect from "effect/Effect"
import * as PubSub from "effect/PubSub"
import type * as Scope from "effect/Scope"
import { harmlessly } from "../harmlessly.ts"
import { recordSubscription } from "../observed/subscription.ts"
import { registryIn } from "../records/registry.ts"

/** `PubSub.subscribe`, recorded even if the PubSub is not one of Effect's own kinds. */
export const subscribeTraced = <A>(
  pubsub: PubSub.PubSub<A>,
): Effect.Effect<PubSub.Subscription<A>, never, Scope.Scope> =>
  Effect.withFiber((fiber) => {
    const registry = registryIn(fiber.context)
    if (registry === undefined) return PubSub.subscribe(pubsub)
    return Effect.map(PubSub.subscribe(pubsub), (subscription) => {
      harmlessly(() => recordSubscription(registry, fiber, subscription), undefined)
      return subscription
    })
  })
