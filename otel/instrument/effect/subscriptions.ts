/*
 * `PubSub.ts`: every attempt to take from a subscription first reads its `shutdownFlag`, on the fiber that
 * takes, and then calls `poll` or `pollUpTo` of its backing. A waiting fiber is in `pollers`. Releasing sets
 * the flag, and then interrupts the waiting fibers.
 */
import * as MutableList from "effect/MutableList"
import * as MutableRef from "effect/MutableRef"
import * as Option from "effect/Option"
import * as PubSub from "effect/PubSub"
import { harmlessly } from "../harmlessly.ts"
import { sees } from "./capabilities.ts"
import type { AnyFiber } from "./fibers.ts"
import { isReplaceable, isWrappable, setFunction } from "./properties.ts"
import { runningFiber } from "./sparse-hook.ts"

/** Who asks a subscription. */
export interface Asking {
  /** A fiber that is not told of: it has been, and nothing has changed since. */
  settledOn: AnyFiber | undefined
}

export interface SubscriptionObserver {
  /** A fiber is about to take, or to be refused. It must not throw. */
  readonly asked: () => void
  /** It is released. The waiting fibers do not know it yet. */
  readonly released: () => void
  /** So many messages were taken. It must not throw. */
  readonly took: (count: number) => void
}

/** What can be known of a subscription at any time. */
export class SubscriptionView<A> {
  readonly #subscription: PubSub.Subscription<A>

  constructor(subscription: PubSub.Subscription<A>) {
    this.#subscription = subscription
  }

  /** Whether it got messages that were published before it was made. */
  get replays(): boolean {
    return this.#subscription.replayWindow !== noReplay()
  }

  /** How many of those are left. */
  get replayed(): number {
    return this.#subscription.replayWindow.remaining
  }

  /** Whether somebody waits for its next message. */
  get isAwaited(): boolean {
    return this.#subscription.pollers.length > 0
  }

  /** How many messages wait in it. Without a capacity they are counted one by one. */
  get size(): number {
    return this.#subscription.subscription.size()
  }

  get isReleased(): boolean {
    return this.#subscription.shutdownFlag.current
  }

  /** Whether its PubSub has ended. */
  get hasSourceEnded(): boolean {
    return Option.isSome(this.#subscription.ended.current)
  }
}

let nothingReplayed: PubSub.PubSub.ReplayWindow<unknown> | undefined

/** What every PubSub without replay shares. */
const noReplay = () => {
  nothingReplayed ??= PubSub.makeAtomicUnbounded().replayWindow()
  return nothingReplayed
}

/** Whether what happens to a subscription can be seen. */
export const isObservable = <A>(subscription: PubSub.Subscription<A>): boolean =>
  sees.subscriptions &&
  isReplaceable(subscription, "shutdownFlag") &&
  isWrappable(subscription.subscription, "poll") &&
  isWrappable(subscription.subscription, "pollUpTo")

/** Whether it is observed already. */
export const isObserved = <A>({ shutdownFlag }: PubSub.Subscription<A>): boolean =>
  shutdownFlag instanceof ObservedFlag

/** Reports what happens to an observable subscription from now on. */
export const observeSubscription = <A>(
  subscription: PubSub.Subscription<A>,
  observer: SubscriptionObserver,
): Asking => {
  const flag = new ObservedFlag(subscription.shutdownFlag, observer)
  Reflect.set(subscription, "shutdownFlag", flag)
  observeTakes(subscription.subscription, observer)
  return flag
}

/**
 * Takes the place of a flag. Accessors of a class are as fast as the flag itself; those of a single object are
 * not.
 */
class ObservedFlag implements Pick<PubSub.Subscription<never>["shutdownFlag"], "current">, Asking {
  settledOn: AnyFiber | undefined = undefined
  /** What the flag says: to ask that costs more, and this is asked for each message. */
  #current: boolean
  readonly #flag: { current: boolean }
  readonly #observer: SubscriptionObserver

  constructor(flag: { current: boolean }, observer: SubscriptionObserver) {
    this.#current = flag.current
    this.#flag = flag
    this.#observer = observer
  }

  get current(): boolean {
    if (this.settledOn === undefined || this.settledOn !== runningFiber()) this.#observer.asked()
    return this.#current
  }

  set current(next: boolean) {
    if (next && !this.#current) harmlessly(this.#observer.released, undefined)
    this.#current = next
    this.#flag.current = next
  }
}

// Everything else that the flag can do.
Object.setPrototypeOf(ObservedFlag.prototype, Object.getPrototypeOf(MutableRef.make(false)))

const observeTakes = <A>(
  backing: PubSub.PubSub.BackingSubscription<A>,
  observer: SubscriptionObserver,
): void => {
  const { poll, pollUpTo } = backing
  let inBatch = false // some take a batch one by one
  setFunction(backing, "poll", () => {
    const message = poll.call(backing)
    if (message !== MutableList.Empty && !inBatch) observer.took(1)
    return message
  })
  setFunction(backing, "pollUpTo", (limit) => {
    inBatch = true
    const messages = pollUpTo.call(backing, limit)
    inBatch = false
    if (messages.length > 0) observer.took(messages.length)
    return messages
  })
}
