import * as Effect from "effect/Effect"
import type * as PubSub from "effect/PubSub"
import { harmlessly } from "../harmlessly.ts"
import { namePubSub } from "../observed/pubsub.ts"
import { exchangeOf } from "../records/current-exchange.ts"
import { registryIn } from "../records/registry.ts"

/**
 * Gives a PubSub a name: its subscriptions are called after it.
 *
 * ```ts
 * const bus = yield* PubSub.sliding<Event>(1024).pipe(tracedPubSub("bus"))
 * ```
 */
export const tracedPubSub =
  (name: string) =>
  <A, E, R>(make: Effect.Effect<PubSub.PubSub<A>, E, R>): Effect.Effect<PubSub.PubSub<A>, E, R> =>
    Effect.withFiber((fiber) => {
      const registry = registryIn(fiber.context)
      if (registry === undefined) return make
      return Effect.tap(make, (pubsub) =>
        Effect.sync(() =>
          harmlessly(() => namePubSub(registry, name, pubsub, exchangeOf(fiber)), undefined),
        ),
      )
    })
