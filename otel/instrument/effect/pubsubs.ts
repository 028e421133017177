/*
 * `PubSub.ts`: every publish goes through `publish` or `publishAll` of the PubSub's backing. Shutting down
 * calls `shutdown` of its strategy before any subscription is released. Ending assigns `ended.current`. A
 * subscription has the same parts of its PubSub.
 */
import * as PubSub from "effect/PubSub"
import type { SourceEnd } from "../../lifetimes/model.ts"
import { harmlessly } from "../harmlessly.ts"
import { sees } from "./capabilities.ts"
import { isWrappable, onGet, onSet, setFunction } from "./properties.ts"

export interface PubSubObserver {
  /** How many messages were accepted, and how many were refused because it was full. */
  readonly published: (accepted: number, refused: number) => void
  /** No message can come to its subscriptions any more. */
  readonly ended: (how: SourceEnd["how"]) => void
}

/** What a PubSub and its subscriptions share. */
export type PubSubParts<A> = Pick<PubSub.PubSub<A>, "pubsub" | "strategy" | "ended">

/** The identity of a PubSub: the same for every wrapper that the program puts around it. */
export const backingOf = <A>({ pubsub }: PubSubParts<A>): object => pubsub

/** How many messages it holds for each subscription; `undefined` without a limit. */
export const capacityOf = <A>({ pubsub }: PubSubParts<A>): number | undefined =>
  pubsub.capacity < Number.MAX_SAFE_INTEGER ? pubsub.capacity : undefined

/** Whether it throws away a message that finds it full. */
export const drops = <A>({ strategy }: PubSubParts<A>): boolean =>
  strategy instanceof PubSub.DroppingStrategy

/** Whether its publishers go on at once, although a subscription is full. */
export const waitsForNobody = <A>({ strategy }: PubSubParts<A>): boolean =>
  strategy instanceof PubSub.DroppingStrategy || strategy instanceof PubSub.SlidingStrategy

/** Whether what happens to a PubSub can be seen. */
export const isObservable = <A>({ pubsub, strategy, ended }: PubSubParts<A>): boolean =>
  sees.pubsubs &&
  isWrappable(pubsub, "publish") &&
  isWrappable(pubsub, "publishAll") &&
  isWrappable(strategy, "shutdown") &&
  isWrappable(ended, "current")

/** Reports what happens to an observable PubSub from now on. */
export const observePubSub = <A>(parts: PubSubParts<A>, observer: PubSubObserver): void => {
  observePublishes(parts.pubsub, observer)
  const ended = (how: SourceEnd["how"]) => harmlessly(() => observer.ended(how), undefined)
  onGet(parts.strategy, "shutdown", () => ended("shutdown"))
  onSet(parts.ended, "current", (last) => last._tag === "Some" && ended("ended"))
}

const observePublishes = <A>(
  backing: PubSub.PubSub.Atomic<A>,
  { published }: PubSubObserver,
): void => {
  const { publish, publishAll } = backing
  let inBatch = false // some publish a batch one by one
  setFunction(backing, "publish", (message) => {
    const accepted = publish.call(backing, message)
    if (!inBatch) harmlessly(() => published(accepted ? 1 : 0, accepted ? 0 : 1), undefined)
    return accepted
  })
  setFunction(backing, "publishAll", (messages) => {
    const all = [...messages]
    inBatch = true
    const surplus = publishAll.call(backing, all)
    inBatch = false
    harmlessly(() => published(all.length - surplus.length, surplus.length), undefined)
    return surplus
  })
}
