import { type Exchange, isOwnedByProgram } from "./model.ts"
import { readersOf } from "./relations.ts"
import { isStock } from "./stock-exchanges.ts"

/** If an exchange lacks this, the rule could not have found anything, so its silence proves nothing. */
export interface ShownBy {
  /** A phrase about the exchange, as in `no exchange with ...`. */
  readonly what: string
  readonly has: (exchange: Exchange) => boolean
}

export const endOfStream: ShownBy = {
  what: "a traced stream that had ended",
  has: ({ streams }) => streams.some(({ endedAt }) => endedAt !== undefined),
}

/** Effect's own tracing shows a body that was not traced, if the body fails. */
export const endOfBody: ShownBy = {
  what: "a body that had ended",
  has: (exchange) =>
    endOfStream.has(exchange) ||
    (isStock(exchange) && exchange.endedAt !== undefined && (exchange.status ?? 0) < 500),
}

export const readSubscription: ShownBy = {
  what: "a traced stream that read a traced subscription",
  has: (exchange) =>
    exchange.subscriptions.some((subscription) => readersOf(exchange, subscription).length > 0),
}

export const readSource: ShownBy = {
  what: "a traced stream that read a traced subscription or a queue of its exchange",
  has: (exchange) =>
    readSubscription.has(exchange) || exchange.queues.some(({ readBy }) => readBy.length > 0),
}

/** What the program itself owns may have been released because the program stopped. */
export const releasedSubscription: ShownBy = {
  what: "a traced subscription that was released",
  has: ({ endedAt, endedBy, subscriptions }) =>
    endedAt !== undefined &&
    endedBy !== "shutdown" &&
    subscriptions.length > 0 &&
    subscriptions.every((one) => one.endedAt !== undefined && !isOwnedByProgram(one)),
}

/** An open lifetime may be about to end, and an unknown one may have ended. */
export const nothingLeft: ShownBy = {
  what: "an end after which nothing was left open",
  has: (exchange) =>
    exchange.endedAt !== undefined &&
    exchange.endedBy !== "shutdown" &&
    !isStock(exchange) &&
    exchange.scopes.every(({ closedAt }) => closedAt !== undefined) &&
    exchange.orphans.every(({ endedAt }) => endedAt !== undefined),
}
