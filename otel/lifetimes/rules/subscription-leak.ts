import { spanName } from "../../attributes.ts"
import type { Consumer, Exchange, Resource } from "../model.ts"
import { type Held, type Moment, notYet, type Rule, type Verdict } from "../rule.ts"
import { formatMillis, type Micros, millisBetween } from "../time.ts"

/**
 * The exchange and every reader of a subscription acquired for it have ended, and the subscription is
 * still held. The literal reading of what OpenCode #27391 suggests; OpenCode #15645.
 */
export const subscriptionLeak: Rule = {
  name: "subscription-leak",
  severity: "error",
  summary:
    "A subscription acquired for a request outlives the request and everything that read it.",
  suggestion: `Close it with the request, however that ends. A finalizer of the request's scope also runs
for HEAD and for clients that leave before the head is sent, when the body never runs:

  const connection = yield* Effect.acquireRelease(Scope.fork(application), Scope.close)
  const subscription = yield* PubSub.subscribe(bus).pipe(Scope.provide(connection))`,
  judge: (exchange, moment) => {
    const { endedAt } = exchange
    if (endedAt === undefined) return moment.final ? [] : notYet
    const verdicts = exchange.resources.map((resource) =>
      judgeResource(exchange, endedAt, resource, moment),
    )
    const held = verdicts.filter((verdict) => verdict !== notYet).flat()
    return held.length === 0 && verdicts.includes(notYet) ? notYet : held
  },
}

const judgeResource = (
  exchange: Exchange,
  exchangeEnd: Micros,
  resource: Resource,
  moment: Moment,
): Verdict => {
  const readers = exchange.consumers.filter((it) => it.reads.includes(resource.span.spanId))
  const abandonedAt = lastEnd(exchangeEnd, readers)
  if (abandonedAt === undefined) return moment.final ? [] : notYet
  if (usedElsewhere(resource, readers, abandonedAt) || isClosing(exchange, resource)) return []
  const heldUntil = resource.endedAt ?? moment.now
  if (heldUntil - abandonedAt <= moment.grace) {
    return resource.endedAt === undefined && !moment.final ? notYet : []
  }
  const unread = survivedPublish(resource, abandonedAt)
  if (!unread && resource.endedAt === undefined && !moment.final) return notYet
  return [describe(exchange, resource, abandonedAt, unread, readers.length > 0)]
}

/** Its owner ends with the exchange, and other finalizers take their time. */
const isClosing = (exchange: Exchange, { owner }: Resource): boolean =>
  exchange.scopes.some(
    (scope) => scope.span.spanId === owner.spanId && scope.closedAt !== undefined,
  )

/** When the exchange and its readers had all ended; `undefined` while one still runs. */
const lastEnd = (exchangeEnd: Micros, readers: ReadonlyArray<Consumer>): Micros | undefined => {
  let last = exchangeEnd
  for (const { endedAt } of readers) {
    if (endedAt === undefined) return undefined
    last = Math.max(last, endedAt)
  }
  return last
}

/** Something other than the traced streams of this exchange reads it: it is shared on purpose. */
const usedElsewhere = (
  resource: Resource,
  readers: ReadonlyArray<Consumer>,
  abandonedAt: Micros,
): boolean =>
  resource.untracedReadAt !== undefined &&
  (readers.length === 0 || resource.untracedReadAt > abandonedAt)

const survivedPublish = (resource: Resource, abandonedAt: Micros): boolean =>
  resource.unreadPublishAt !== undefined && resource.unreadPublishAt >= abandonedAt

const describe = (
  exchange: Exchange,
  resource: Resource,
  abandonedAt: Micros,
  unread: boolean,
  wasRead: boolean,
): Held => {
  const since = (time: Micros) => formatMillis(millisBetween(exchange.startedAt, time))
  const proof = unread
    ? ", and an event was published to it that nobody has read"
    : ", although nothing reads it any more"
  return {
    // Without a reader of its own it may be kept for another exchange.
    confidence: unread && wasRead ? "certain" : "likely",
    operation: spanName.subscription(resource.name),
    message:
      `Subscription "${resource.name}" was acquired for this exchange, which ended with all its ` +
      `readers at ${since(abandonedAt)}; its owner, scope "${resource.owner.name}", still held ` +
      `it after the grace period${proof}.`,
    evidence: {
      resource: resource.name,
      owner: resource.owner.name,
      "owner.in_exchange": resource.owner.inExchange,
      "exchange.ended_ms": millisBetween(exchange.startedAt, exchange.endedAt ?? abandonedAt),
      "readers.ended_ms": millisBetween(exchange.startedAt, abandonedAt),
      "resource.delivered": resource.delivered,
      "survived.publish": unread,
    },
    consumer: undefined,
    spanIds: [resource.span.spanId],
  }
}
