import * as Fiber from "effect/Fiber"
import { sees } from "./effect/capabilities.ts"
import { watchCollections } from "./effect/fiber-collections.ts"
import type { AnyFiber } from "./effect/fibers.ts"
import { watchLayers } from "./effect/layer-builds.ts"
import { meetPubSubs } from "./effect/meeting-pubsubs.ts"
import { holdsSomething, meetQueues } from "./effect/meeting-queues.ts"
import { onReference } from "./effect/references.ts"
import { recordMadePubSub } from "./observed/pubsub.ts"
import { noteRefused, noteSenders, noteTakenAway, recordQueue } from "./observed/queue.ts"
import { recordSubscription } from "./observed/subscription.ts"
import { noteReference } from "./records/default-reads.ts"
import { LifetimeRegistry, registryIn } from "./records/registry.ts"

let isMeeting = false

/**
 * Records the PubSubs, subscriptions and queues of a program wherever lifetimes are recorded, and what bodies
 * ask their contexts for.
 */
export const recordMeetings = (): void => {
  if (isMeeting) return
  isMeeting = true
  if (sees.references) recordReferences()
  if (sees.layers) watchLayers()
  if (sees.collections) watchCollections()
  if (sees.meetings) recordPubSubs()
  if (sees.queues) recordQueues()
}

const recordReferences = () =>
  onReference((fiber, reference) => {
    const registry = ownRegistryIn(fiber)
    if (registry !== undefined) noteReference(registry, fiber, reference)
  })

const recordPubSubs = () =>
  meetPubSubs({
    made: (fiber, pubsub) => {
      const registry = ownRegistryIn(fiber)
      if (registry !== undefined) recordMadePubSub(registry, fiber, pubsub)
    },
    subscribed: (fiber, subscription) => {
      const registry = ownRegistryIn(fiber)
      if (registry !== undefined) recordSubscription(registry, fiber, subscription)
    },
  })

const recordQueues = () =>
  meetQueues({
    made: (fiber, queue) => {
      noteSenders(fiber, queue)
      const registry = holdsSomething(queue) ? ownRegistryIn(fiber) : undefined
      if (registry !== undefined) recordQueue(registry, fiber, queue)
    },
    takenAway: (queue) => {
      const fiber = Fiber.getCurrent()
      const registry = fiber && ownRegistryIn(fiber)
      if (fiber !== undefined && registry !== undefined) noteTakenAway(registry, fiber, queue)
    },
    refused: (fiber, queue) => {
      const registry = ownRegistryIn(fiber)
      if (registry !== undefined) noteRefused(registry, fiber, queue)
    },
  })

/** Another installation of the library in this process does that. */
const ownRegistryIn = ({ context }: AnyFiber): LifetimeRegistry | undefined => {
  const registry = registryIn(context)
  return registry instanceof LifetimeRegistry ? registry : undefined
}
