import * as Rec from "effect/Record"

/** What Scopeline sees through the inside of Effect. */
export const capabilities = {
  fibers: "which fibers run, nor their exchanges and scopes",
  scopes: "when scopes close",
  parents: "scopes that the program does not trace by name",
  finalizers: "the finalizers of a scope",
  registrations: "what is left in a scope",
  ownership: "who owns a fiber",
  collections: "who joins a FiberSet, a FiberMap or a FiberHandle",
  interrupts: "who was interrupted",
  forks: "what a stream forks",
  meetings: "PubSubs and subscriptions that are not traced by name",
  queues: "queues",
  layers: "which Layer made a PubSub",
  pubsubs: "what is published to a PubSub",
  subscriptions: "what is taken from a subscription",
  spans: "when an exchange ends",
  responses: "responses and their bodies",
  frames: "places in the code",
  references: "which References a body asks for",
  counts: "how many fibers run",
} as const

export type Capability = keyof typeof capabilities

/** What is seen in this process: everything, until the self-check finds otherwise. */
export const sees: Record<Capability, boolean> = Rec.map(capabilities, () => true)
