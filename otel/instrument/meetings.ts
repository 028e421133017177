import { sees } from "./effect/capabilities.ts"
import type { AnyFiber } from "./effect/fibers.ts"
import { meetPubSubs } from "./effect/meeting-pubsubs.ts"
import { onReference } from "./effect/references.ts"
import { recordPubSub } from "./observed/pubsub.ts"
import { recordSubscription } from "./observed/subscription.ts"
import { exchangeOf } from "./records/current-exchange.ts"
import { noteReference } from "./records/default-reads.ts"
import { LifetimeRegistry, registryIn } from "./records/registry.ts"

let isMeeting = false

/**
 * Records the PubSubs and subscriptions that a program makes wherever lifetimes are recorded, and what bodies ask
 * their contexts for.
 */
export const recordMeetings = (): void => {
  if (isMeeting) return
  isMeeting = true
  if (sees.references) {
    onReference((fiber, reference) => {
      const registry = ownRegistryIn(fiber)
      if (registry !== undefined) noteReference(registry, fiber, reference)
    })
  }
  if (!sees.meetings) return
  meetPubSubs({
    made: (fiber, pubsub) => {
      const registry = ownRegistryIn(fiber)
      if (registry !== undefined) recordPubSub(registry, pubsub, exchangeOf(fiber))
    },
    subscribed: (fiber, subscription) => {
      const registry = ownRegistryIn(fiber)
      if (registry !== undefined) recordSubscription(registry, fiber, subscription)
    },
  })
}

/** Of another installation of the library in this process, that sees to it. */
const ownRegistryIn = ({ context }: AnyFiber): LifetimeRegistry | undefined => {
  const registry = registryIn(context)
  return registry instanceof LifetimeRegistry ? registry : undefined
}
