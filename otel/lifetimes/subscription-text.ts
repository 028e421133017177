import { unnamed as unnamedKinds } from "../attributes.ts"
import type { CodeLocation, Queue, Subscription } from "./model.ts"

/** The name of what has none. */
export const unnamed = "unnamed"

/** `subscription "bus"`, or `an unnamed subscription`. */
export const subscriptionText = ({ name }: Pick<Subscription, "name">): string =>
  name === unnamed ? "an unnamed subscription" : `subscription "${name}"`

/** The same with its place in the code, where that is all by which it is known. */
export const placedSubscription = (subscription: Subscription): string =>
  subscriptionText(subscription) +
  (subscription.name === unnamed ? acquiredIn(subscription.code) : "")

const acquiredIn = (code: CodeLocation | undefined): string => placeText("acquired", code)

const placeText = (done: string, code: CodeLocation | undefined): string => {
  if (code === undefined) return ""
  const { function: name, file, line } = code
  if (file === undefined) return ` (${done} in ${name})`
  return ` (${done} in ${name}, ${file}${line === undefined ? "" : `:${line}`})`
}

/** `the queue made in subscribe`, or `an unnamed queue`. */
export const queueText = ({ name }: Pick<Queue, "name">): string =>
  name === unnamedKinds.queue ? `an ${name}` : `the queue made in ${name}`

/** The same with its place in the code. */
export const placedQueue = ({ name, code }: Queue): string =>
  name === unnamedKinds.queue ? `an ${name}` : `a queue${placeText("made", code)}`

/** `PubSub "bus"`, or `an unnamed PubSub`. */
export const pubsubText = ({ name }: Pick<Subscription, "name">): string =>
  name === unnamed ? "an unnamed PubSub" : `PubSub "${name}"`

/** As a finding's evidence has it. */
export const resourceText = ({ name }: Pick<Subscription, "name">): string =>
  name === unnamed ? "unnamed subscription" : name

/** At the beginning of a sentence. */
export const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
