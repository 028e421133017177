/*
 * `PubSub.ts`, `make`: the last part of a new PubSub is `MutableRef.make(Option.none())`, which becomes its
 * `ended`. Then the fiber gets the PubSub. `subscribe`: Effect asks the backing of the PubSub to `subscribe`,
 * and then the fiber gets the subscription that has the result as its own backing. `MutableRef.ts`: a
 * MutableRef is made from one prototype, and then `current` is assigned.
 */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as PubSub from "effect/PubSub"
import type { AnyFiber } from "./fibers.ts"
import { Given } from "./properties.ts"
import { onResult } from "./results.ts"

/** Called for every PubSub and subscription of the process. */
export interface PubSubMeetings {
  readonly made: (fiber: AnyFiber, pubsub: PubSub.PubSub<unknown>) => void
  readonly subscribed: (fiber: AnyFiber, subscription: PubSub.Subscription<unknown>) => void
}

type Backing = PubSub.PubSub.Atomic<unknown>

const meetings = new Set<PubSubMeetings>()

let isWatching = false

/** How many classes of PubSub backings report their subscriptions. */
let watched = 0

/** Each of these has a different class. */
const capacities = [Number.POSITIVE_INFINITY, 1, 3, 4]

/** Whether PubSubs of every class report their subscriptions. */
export const areAllMet = (): boolean => watched === capacities.length

/** Reports PubSubs and subscriptions from now on. Returns a function that stops it. */
export const meetPubSubs = (met: PubSubMeetings): (() => void) => {
  if (!isWatching) watch()
  meetings.add(met)
  return () => meetings.delete(met)
}

let isQuiet = false

/** Does something with PubSubs of this library: nobody meets them. */
export const unmet = <A>(task: () => A): A => {
  const before = isQuiet
  isQuiet = true
  try {
    return task()
  } finally {
    isQuiet = before
  }
}

const isAnybodyTold = (): boolean => meetings.size > 0 && !isQuiet

const watch = (): void => {
  isWatching = true
  for (const capacity of capacities) {
    watchSubscribing(Object.getPrototypeOf(PubSub.makeAtomicBounded(capacity)))
  }
  const { ended } = Effect.runSync(PubSub.unbounded())
  watchMaking(Object.getPrototypeOf(ended))
}

const watchSubscribing = (backings: Backing): void => {
  const { subscribe } = backings
  if (typeof subscribe !== "function") return
  watched++
  backings.subscribe = function (this: Backing) {
    const own = subscribe.call(this)
    const fiber = Fiber.getCurrent()
    if (fiber !== undefined && isAnybodyTold()) {
      onResult(fiber, (given) => {
        if (!isSubscriptionOf(own, given)) return
        for (const { subscribed } of meetings) subscribed(fiber, given)
      })
    }
    return own
  }
}

const isSubscriptionOf = (own: object, value: unknown): value is PubSub.Subscription<unknown> =>
  typeof value === "object" &&
  value !== null &&
  "subscription" in value &&
  value.subscription === own

const nothing = Option.none()

/**
 * The prototype of such references reports each one. Only a reference that holds nothing can be part of a
 * PubSub.
 */
const watchMaking = (references: object): void => {
  const before = Object.getOwnPropertyDescriptor(references, "current")?.set
  Object.defineProperty(references, "current", {
    configurable: true,
    get: () => undefined,
    set(this: object, value: unknown) {
      if (before === undefined) new Reference(this, value)
      else before.call(this, value)
      const fiber = value === nothing && isAnybodyTold() ? Fiber.getCurrent() : undefined
      if (fiber === undefined) return
      onResult(fiber, (given) => {
        if (!PubSub.isPubSub(given) || given.ended !== this) return
        for (const { made } of meetings) made(fiber, given)
      })
    },
  })
}

/** The reference keeps its value in its own property, as it would without us. */
class Reference extends Given {
  current: unknown

  constructor(reference: object, value: unknown) {
    super(reference)
    this.current = value
  }
}
