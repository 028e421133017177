/** What is observed besides exchanges, scopes, streams and fibers, which always are. */
export interface Observes {
  /** PubSubs and their subscriptions. */
  readonly pubsub: boolean
  /** Which scope shuts a queue down. */
  readonly queue: boolean
  /** What exchanges leave in scopes of the program. */
  readonly finalizers: boolean
}

export const everything: Observes = { pubsub: true, queue: true, finalizers: true }

/** What both observe. */
export const observedByBoth = (one: Observes, other: Partial<Observes> = {}): Observes => ({
  pubsub: one.pubsub && other.pubsub !== false,
  queue: one.queue && other.queue !== false,
  finalizers: one.finalizers && other.finalizers !== false,
})
