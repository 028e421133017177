/** How a PubSub came to its end, and to whom what ended it belongs. */
import * as Fiber from "effect/Fiber"
import type { SourceEnd } from "../../lifetimes/model.ts"
import { definitionOf, frameOf } from "../effect/stack-frames.ts"
import {
  exchangeServedBy,
  frameWithin,
  handlerOn,
  leftBodyOn,
} from "../records/current-exchange.ts"
import type {
  ExchangeRecord,
  PubSubEnd,
  PubSubRecord,
  ScopeRecord,
  SubscriptionRecord,
} from "../records/record.ts"
import type { LifetimeRegistry } from "../records/registry.ts"
import { takeRoute } from "../records/route.ts"
import { endedWell, wasServedLate } from "../records/work-done.ts"

/** No message can come to its subscribers any more. While the program stops, none has to. */
export const sourceEnded = (
  registry: LifetimeRegistry,
  record: PubSubRecord,
  how: SourceEnd["how"],
): void => {
  if (registry.isShuttingDown) return
  if (record.end?.how === "shutdown") {
    shutDownAgain(record.end)
    return
  }
  const { closingScope, endingExchange, cleaningUp } = registry.finalizing
  const isOnPurpose = cleaningUp === undefined && isClosedByAnother(closingScope)
  const scope = isOnPurpose ? undefined : closingScope
  const fiber = Fiber.getCurrent()
  const reader = registry.isStopping ? undefined : (endingExchange ?? (fiber && leftBodyOn(fiber)))
  record.end = {
    at: registry.now(),
    how,
    scope,
    reader: reader !== undefined && hasRead(reader, record) ? reader : undefined,
    handler: scope === undefined && fiber !== undefined ? handlerOn(fiber) : undefined,
    frame: fiber && frameOf(fiber),
    readers: readersOf(record),
    again: new WeakSet(),
    servedLate: hasServedLate(record),
    get isRenewed() {
      return registry.renewedPubSubs.hasLike(record)
    },
  }
  for (const subscription of record.subscriptions) {
    noteSourceEnd(subscription)
    if (subscription.exchange !== undefined) registry.review.later(subscription.exchange)
  }
}

/** A request that closes what another has opened does so on purpose, such as one that resets a cache. */
const isClosedByAnother = (scope: ScopeRecord | undefined): boolean =>
  scope?.exchange !== undefined &&
  scope.closedFor !== undefined &&
  scope.closedFor !== scope.exchange

/** Nothing more ends, but whoever does so shuts it down whenever it is over. */
const shutDownAgain = ({ again }: PubSubEnd): void => {
  const fiber = Fiber.getCurrent()
  const exchange = fiber && exchangeServedBy(fiber)
  if (exchange !== undefined) again.add(exchange)
}

const readersOf = ({ subscriptions }: PubSubRecord): PubSubEnd["readers"] => {
  const readers = new Set<ExchangeRecord>()
  for (const { exchange } of subscriptions) if (exchange !== undefined) readers.add(exchange)
  return Array.from(readers, (exchange) => new WeakRef(exchange))
}

const hasRead = ({ subscriptions }: ExchangeRecord, pubsub: PubSubRecord): boolean =>
  subscriptions.some((subscription) => subscription.pubsub === pubsub)

/** Its PubSub has come to an end, perhaps before the subscription was acquired. */
export const noteSourceEnd = (subscription: SubscriptionRecord): void => {
  const { pubsub } = subscription
  if (pubsub.end === undefined) return
  const { at, how, scope, handler, frame } = pubsub.end
  // If others made it, the handler ends it for all of them, and knows that.
  const byHandler =
    handler !== undefined && handler === subscription.exchange && handler === pubsub.madeFor
  subscription.sourceEnd = {
    at,
    how,
    by:
      scope === undefined || (at < subscription.startedAt && isWorkDone(pubsub, scope))
        ? undefined
        : {
            name: scope.name,
            span: scope.span,
            get belongsTo() {
              return belongsTo(scope, subscription)
            },
          },
    byHandler,
    get code() {
      return byHandler ? definitionOf(frameWithin(frame, handler)) : scope?.code
    },
    get replaced() {
      return pubsub.replaced
    },
    get byReader() {
      return isByReader(subscription)
    },
  }
}

/** Work is done that made it for others, and served them: it ends with that work. */
const isWorkDone = ({ madeFor, end }: PubSubRecord, scope: ScopeRecord): boolean =>
  scope.exchange === madeFor && end?.servedLate === true && endedWell(scope)

const hasServedLate = ({ servedLate, madeFor, subscriptions }: PubSubRecord): boolean =>
  servedLate ||
  (madeFor !== undefined &&
    Array.from(subscriptions).some((subscription) => wasServedLate(madeFor, subscription)))

/**
 * A PubSub belongs to another exchange if that exchange made it and shut it down, and was the first to read it or
 * did so before anybody could read it here. Anyone else who shuts down a PubSub closes it for everybody on
 * purpose, unless all who read it do so.
 */
const belongsTo = (
  scope: ScopeRecord,
  subscription: SubscriptionRecord,
): NonNullable<SourceEnd["by"]>["belongsTo"] => {
  const { exchange } = scope
  const { pubsub, startedAt } = subscription
  if (isByReader(subscription)) return "another exchange"
  if (exchange === undefined) return "the program"
  if (exchange === subscription.exchange) return "this exchange"
  if (pubsub.madeFor !== exchange || isWorkDone(pubsub, scope)) return "the program"
  const wasGone = pubsub.end !== undefined && pubsub.end.at < startedAt
  return pubsub.readByMaker || wasGone ? "another exchange" : "the program"
}

/**
 * Whether one reader shut down what the program made for all, and the subscription's own exchange does the same
 * when it is over, or comes later and finds nothing. The host of a room also shuts it down when it leaves, but
 * its guests do not, or ask for another route if they may close it too. A room that is made anew for each
 * conversation may be shut down by all who talk in it.
 */
const isByReader = ({ pubsub, exchange, startedAt }: SubscriptionRecord): boolean => {
  const { end, madeAtStart } = pubsub
  if (!madeAtStart || end?.reader === undefined || end.isRenewed) return false
  if (exchange === undefined || exchange === end.reader) return false
  if (hasOtherPart(exchange, end.reader)) return false
  return startedAt > end.at || (end.again.has(exchange) && !isSpared(end, exchange))
}

/** They have asked for something else. An exchange that is open may not have its name yet. */
const hasOtherPart = (one: ExchangeRecord, other: ExchangeRecord): boolean => {
  takeRoute(one)
  takeRoute(other)
  return one.route !== other.route
}

/** Another such reader was over and did not shut it down: only the last one out does, or who has a part like the host. */
const isSpared = ({ reader, readers, again }: PubSubEnd, { route }: ExchangeRecord): boolean =>
  readers.some((known) => {
    const other = known.deref()
    if (other === undefined || other === reader || other.route !== route) return false
    return other.completed && !again.has(other)
  })
