/*
 * `PubSub.ts`: every attempt to take from a subscription asks its `shutdownFlag` first, on the fiber that takes,
 * and then `poll` or `pollUpTo` of its backing; who has to wait stands in `pollers`. Releasing sets the flag, and
 * then interrupts those who wait.
 */
import * as MutableList from "effect/MutableList"
import * as Option from "effect/Option"
import * as PubSub from "effect/PubSub"
import { couldNot, harmlessly } from "../harmlessly.ts"
import { sees } from "./capabilities.ts"
import { isWrappable, wrapProperty } from "./properties.ts"

export interface SubscriptionObserver {
  /** A fiber is about to take, or to be refused. */
  readonly asked: () => void
  /** It is released: nobody who waits knows of it yet. */
  readonly released: () => void
  /** How many messages wait; asked before some are taken. */
  readonly waiting: () => number
  /** So many were taken, of those that waited. */
  readonly took: (count: number, waiting: number) => void
}

/** What can be known of a subscription at any time. */
export class SubscriptionView<A> {
  readonly #subscription: PubSub.Subscription<A>

  constructor(subscription: PubSub.Subscription<A>) {
    this.#subscription = subscription
  }

  /** Whether it was given messages from before it was made. */
  get replays(): boolean {
    return this.#subscription.replayWindow !== noReplay()
  }

  /** How many of those it has still to give. */
  get replayed(): number {
    return this.#subscription.replayWindow.remaining
  }

  /** Whether somebody waits for its next message. */
  get isAwaited(): boolean {
    return this.#subscription.pollers.length > 0
  }

  /** How many messages wait in it; where it has no capacity they are counted one by one. */
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

/** What every PubSub has that replays nothing. */
const noReplay = () => {
  nothingReplayed ??= PubSub.makeAtomicUnbounded().replayWindow()
  return nothingReplayed
}

/** Whether it can be seen what happens to a subscription. */
export const isObservable = <A>({
  shutdownFlag,
  subscription: backing,
}: PubSub.Subscription<A>): boolean =>
  sees.subscriptions &&
  isWrappable(shutdownFlag, "current") &&
  isWrappable(backing, "poll") &&
  isWrappable(backing, "pollUpTo")

/** Tells what happens to an observable subscription from now on. */
export const observeSubscription = <A>(
  { shutdownFlag, subscription: backing }: PubSub.Subscription<A>,
  observer: SubscriptionObserver,
): void => {
  let isReleased = shutdownFlag.current
  wrapProperty(shutdownFlag, "current", {
    asked: () => harmlessly(observer.asked, undefined),
    assigning: (next) => {
      if (next && !isReleased) harmlessly(observer.released, undefined)
      isReleased = next
    },
  })
  observeTakes(backing, observer)
}

/** Of each message, so that it catches by itself. */
const observeTakes = <A>(
  backing: PubSub.PubSub.BackingSubscription<A>,
  { waiting, took }: SubscriptionObserver,
): void => {
  const { poll, pollUpTo } = backing
  const taken = (count: number, waited: number) => {
    try {
      took(count, waited)
    } catch (cause) {
      couldNot("record a lifetime", cause)
    }
  }
  let inBatch = false // some take a batch one by one
  backing.poll = () => {
    if (inBatch) return poll.call(backing)
    const waited = harmlessly(waiting, 0)
    const message = poll.call(backing)
    if (message !== MutableList.Empty) taken(1, waited)
    return message
  }
  backing.pollUpTo = (limit) => {
    const waited = harmlessly(waiting, 0)
    inBatch = true
    const messages = pollUpTo.call(backing, limit)
    inBatch = false
    if (messages.length > 0) taken(messages.length, waited)
    return messages
  }
}
