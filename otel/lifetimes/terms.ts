/** The words for lifetimes, each list once: types in the model, and text in spans. */

/** From outside in, as they are drawn. */
export const lifetimeKinds = [
  "client",
  "exchange",
  "handler",
  "scope",
  "subscription",
  "queue",
  "stream",
  "fiber",
  "finalizer",
] as const
export type LifetimeKind = (typeof lifetimeKinds)[number]

export const scopeRoles = ["application", "layer", "request", "handler", "connection"] as const
export type ScopeRole = (typeof scopeRoles)[number]

/** What a finalizer is: a release of something, the interruption of a fiber, or the close of a forked scope. */
export const finalizerKinds = ["release", "fiber", "scope"] as const
export type FinalizerKind = (typeof finalizerKinds)[number]

export const exitKinds = ["success", "failure", "interrupt"] as const
export type ExitKind = (typeof exitKinds)[number]

/** How a PubSub comes to its end: with a last message, or shut down. */
export const sourceEnds = ["ended", "shutdown"] as const

/** Who owns the scope that ended something, from the point of view of an exchange. */
export const belongings = ["this exchange", "another exchange", "the program"] as const

export const streamEnds = ["upstream", "released", "client", "shutdown", "failure"] as const
export type StreamEnd = (typeof streamEnds)[number]

export const exchangeEnds = ["client", "server", "shutdown"] as const
export type ExchangeEnd = (typeof exchangeEnds)[number]

/** How a lifetime is related to a finding. */
export const evidenceRoles = [
  "cause",
  "released",
  "cut off",
  "left open",
  "owner",
  "read",
  "reader",
  "handler",
  "client",
  "exchange",
] as const
export type EvidenceRole = (typeof evidenceRoles)[number]

export const clientEnds = ["client", "server", "shutdown", "error"] as const
export type ClientEnd = (typeof clientEnds)[number]
