import { spanName, unnamed } from "../../attributes.ts"
import { codeEvidence } from "../code-evidence.ts"
import {
  type Exchange,
  isEventStream,
  isOwnedByProgram,
  type StreamRun,
  type Subscription,
} from "../model.ts"
import { quoted } from "../quoted.ts"
import { lastEnd, readersOf, scopeOf } from "../relations.ts"
import {
  type Moment,
  NotYet,
  notYetUnless,
  ofEach,
  type Rule,
  type RuleHit,
  type Verdict,
} from "../rule.ts"
import { releasedSubscription } from "../shown-by.ts"
import { isHttp } from "../spans/exchange-name.ts"
import { capitalized, placedSubscription, resourceText } from "../subscription-text.ts"
import { type Micros, timesSince } from "../time.ts"
import { dueAfterPublish } from "./deferred-teardown.ts"

export const subscriptionLeak: Rule<"subscription-leak"> = {
  name: "subscription-leak",
  severity: "error",
  symptom: "Clients leave, and after each of them the server holds one more subscription.",
  summary:
    "A subscription acquired for a request outlives the request and everything that read it.",
  meaning: `A subscription was acquired for an exchange. The exchange ended, and so did everything that read the
subscription. After the grace period it was still held.

- \`certain\`: it survived the publish of a message that nobody read.
- \`likely\`: no message was published, or nothing of its exchange ever read it. It may be meant for another exchange.

Healthy: something else goes on reading it, so it is shared on purpose. Also healthy: a plain request acquired it in a
scope that it opened itself, and never read it. That is a session, and another request ends it. If the exchange was a
stream that opened the scope, and its client left, 60 grace periods must pass first, or the program must end: the client
may come back. The same time passes where a cache, or work of the program, keeps it on a fiber of its own. That lets go of it
when it is done, or when the program ends.`,
  suggestion: `Subscribe in the request's own scope, and not in one of the program. If it needs another scope, close
that in a finalizer of the request's scope. The finalizer also runs if the body never does, as for HEAD and for
clients that leave before the head is sent:

  const connection = yield* Effect.acquireRelease(
    Scope.fork(application),
    Scope.close
  )
  const subscription = yield* PubSub.subscribe(bus).pipe(
    Scope.provide(connection)
  )`,
  incidents: [
    {
      title: "OpenCode #27391",
      url: "https://github.com/anomalyco/opencode/issues/27391",
      story:
        "The suggested fix, word for word: a subscription bound to the application's scope survives " +
        "its client, one more with every disconnect.",
    },
    {
      title: "OpenCode #15645",
      url: "https://github.com/anomalyco/opencode/issues/15645",
      story: "Bus listener and heartbeat of an event stream outlived the client.",
    },
  ],
  shownBy: releasedSubscription,
  judge: (exchange, moment) => ofEach(exchange.subscriptions, judgeSubscription, exchange, moment),
}

/** A session may be kept for a client that left its stream and comes back. */
export const gracesOfSession = 60

const judgeSubscription = (
  exchange: Exchange,
  subscription: Subscription,
  moment: Moment,
): Verdict => {
  const { endedAt: exchangeEnd } = exchange
  if (exchangeEnd === undefined) return notYetUnless(moment)
  const readers = readersOf(exchange, subscription)
  const abandonedAt = lastEnd(exchange, readers)
  if (abandonedAt === undefined) return notYetUnless(moment)
  if (usedElsewhere(exchange, subscription, readers, abandonedAt)) return []
  if (readers.length === 0 && isKept(exchange, subscription)) return []
  if (isClosing(exchange, subscription, abandonedAt + moment.grace)) return []
  if (isOwnerUnknown(exchange, subscription, moment)) return notYetUnless(moment)
  const heldUntil = subscription.endedAt ?? moment.now
  const kept = isOwnerKept(exchange, subscription)
  const isSession = kept || (hasLeftStream(exchange) && isOwnerOpened(exchange, subscription))
  const patience = isSession ? gracesOfSession * moment.grace : moment.grace
  if (heldUntil - abandonedAt <= patience) {
    const isLast =
      subscription.endedWithProgram || (moment.final && subscription.endedAt === undefined)
    const isDue = isLast && !kept && heldUntil - abandonedAt > moment.grace
    if (!isDue && subscription.endedAt !== undefined) return []
    if (!isDue) return notYetUnless(moment, abandonedAt + patience)
  }
  const { unreadPublishAt } = subscription
  const unread = unreadPublishAt !== undefined && unreadPublishAt >= abandonedAt
  if (unread && !isOwnedByProgram(subscription)) {
    const due = dueAfterPublish(unreadPublishAt, subscription)
    if (heldUntil <= due && subscription.endedAt !== undefined) return []
    if (heldUntil <= due && !moment.final) return new NotYet(due)
  }
  if (!unread && subscription.endedAt === undefined && !moment.final) return new NotYet(undefined)
  return [describe(exchange, exchangeEnd, subscription, abandonedAt, unread, readers.length > 0)]
}

/**
 * A plain request opened a scope for it, such as a login, and was answered: another request reads it and closes
 * the scope. If a client waited without an answer, or a stream was never read, nothing is kept on purpose.
 */
const isKept = (exchange: Exchange, subscription: Subscription): boolean =>
  exchange.endedBy === "server" &&
  exchange.streams.length === 0 &&
  !isEventStream(exchange) &&
  isOwnerOpened(exchange, subscription)

/** A client that left before the head has seen nothing to which it could come back. */
const hasLeftStream = ({ endedBy, streams }: Exchange): boolean =>
  endedBy === "client" && streams.length > 0

/** The exchange opened the scope itself, and something other than that closes it. */
const isOwnerOpened = (exchange: Exchange, { owner }: Subscription): boolean => {
  const scope = scopeOf(exchange, owner.spanId)
  if (scope === undefined) return false
  return scope.unowned || scope.openedApart || scope.kept || scope.role === "connection"
}

/** Work of the program that a request started, or a cache that it filled, lets go of it when it is done. */
const isOwnerKept = (exchange: Exchange, { owner }: Subscription): boolean =>
  scopeOf(exchange, owner.spanId)?.kept === true

/** Its owner ends with the exchange, while other finalizers take their time. */
const isClosing = (exchange: Exchange, { owner }: Subscription, due: Micros): boolean => {
  const closedAt = scopeOf(exchange, owner.spanId)?.closedAt
  return closedAt !== undefined && closedAt <= due
}

/**
 * The exchange was the first to enter the scope. Later requests show whether the scope was made for it alone:
 * they enter the same scope or open another one there.
 */
const isOwnerUnknown = (
  exchange: Exchange,
  { owner }: Subscription,
  { final }: Moment,
): boolean => {
  if (final) return false
  const scope = scopeOf(exchange, owner.spanId)
  if (scope === undefined || !(scope.unowned || scope.openedApart)) return false
  return scope.left < 2 && scope.closedAt === undefined
}

/**
 * Something other than the traced streams of this exchange reads it: it is shared on purpose. Two kinds are
 * not: what the body of a client that has left acquired, whoever waits for its next message; and what a call or
 * a socket acquired, which has no body and read it itself.
 */
const usedElsewhere = (
  exchange: Exchange,
  { startedAt, untracedReadAt, shared, sourceEnd }: Subscription,
  readers: ReadonlyArray<StreamRun>,
  abandonedAt: Micros,
): boolean => {
  if (shared) return true
  if (untracedReadAt === undefined) return false
  if (readers.length > 0) return untracedReadAt > abandonedAt
  if (sourceEnd !== undefined) return true // who read it may have ended with that
  const { endedBy, handlerReturnedAt = startedAt, streams } = exchange
  const forBody = endedBy === "client" && startedAt > handlerReturnedAt && streams.length > 0
  return (!forBody && isHttp(exchange.route)) || untracedReadAt > abandonedAt
}

/** A scope without a name could also be one that the handler opened: the sentence says that it is not. */
const ownerText = ({ owner: { spanId, name, inExchange } }: Subscription): string => {
  if (spanId === undefined) return name
  const isElsewhere = name === unnamed.scope && !inExchange
  return `${quoted("scope", name)}${isElsewhere ? " outside this exchange" : ""}`
}

/** The exchange has made the scope, and what was supposed to close it never did. */
const ofOwnScope = `Close the scope that the handler opened in a finalizer of the request's scope. The finalizer also runs
if the body never does, as for HEAD and for clients that leave before the head is sent:

  // not Scope.make() and Stream.ensuring(Scope.close(own, Exit.void))
  // the same for Scope.fork(application)
  const own = yield* Effect.acquireRelease(Scope.make(), Scope.close)`

const describe = (
  exchange: Exchange,
  exchangeEnd: Micros,
  subscription: Subscription,
  abandonedAt: Micros,
  unread: boolean,
  wasRead: boolean,
): RuleHit => {
  const { millis, text } = timesSince(exchange.startedAt)
  const proof = unread
    ? ", and an event was published to it that nobody has read"
    : wasRead
      ? ", although nothing reads it any more"
      : ""
  return {
    // Without a reader in its exchange, it may be kept for another exchange.
    confidence: unread && wasRead ? "certain" : "likely",
    ...(subscription.owner.inExchange ? { suggestion: ofOwnScope } : {}),
    operation: spanName.subscription(subscription.name),
    message:
      `${capitalized(placedSubscription(subscription))} was acquired for this exchange, which ended ` +
      `${wasRead ? "with all its readers " : ""}at ${text(abandonedAt)}` +
      `${wasRead || subscription.delivered > 0 ? "" : ", and nothing of it had ever read it"}; its owner, ${ownerText(subscription)}, ` +
      `still held it after the grace period${proof}.`,
    evidence: {
      resource: resourceText(subscription),
      owner: subscription.owner.name,
      "owner.in_exchange": subscription.owner.inExchange,
      "exchange.ended_ms": millis(exchangeEnd),
      "readers.ended_ms": millis(abandonedAt),
      "resource.delivered": subscription.delivered,
      "survived.publish": unread,
      ...codeEvidence(subscription.code),
    },
    stream: undefined,
    spanIds: [subscription.span.spanId],
    isForHandler: true,
  }
}
