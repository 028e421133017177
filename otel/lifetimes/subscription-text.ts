import { unnamed as unnamedKinds } from "../attributes.ts"
import type { Queue, Subscription } from "./model.ts"
import { doneIn } from "./place-text.ts"

/** The name of what has none. */
export const unnamed = "unnamed"

/** `subscription "bus"`, or `an unnamed subscription`. */
export const subscriptionText = ({ name }: Pick<Subscription, "name">): string =>
  name === unnamed ? "an unnamed subscription" : `subscription "${name}"`

/** The same with its place in the code, if it has no name. */
export const placedSubscription = (subscription: Subscription): string =>
  subscriptionText(subscription) +
  (subscription.name === unnamed ? doneIn("acquired in", subscription.code) : "")

/** `the queue made in subscribe`, or `an unnamed queue`. */
export const queueText = ({ name }: Pick<Queue, "name">): string =>
  name === unnamedKinds.queue ? `an ${name}` : `the queue made in ${name}`

/** The same with its place in the code. */
export const placedQueue = ({ name, code }: Queue): string =>
  name === unnamedKinds.queue ? `an ${name}` : `a queue${doneIn("made in", code)}`

/** `PubSub "bus"`, or `an unnamed PubSub`. */
export const pubsubText = ({ name }: Pick<Subscription, "name">): string =>
  name === unnamed ? "an unnamed PubSub" : `PubSub "${name}"`

/** For the evidence of a finding. */
export const resourceText = ({ name }: Pick<Subscription, "name">): string =>
  name === unnamed ? "unnamed subscription" : name

/** For the beginning of a sentence. */
export const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
