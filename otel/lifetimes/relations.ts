/**
 * Which lifetimes of an exchange are related. An exchange may have tens of thousands, and rules ask for each of
 * them. If it was read from spans, it is indexed by span ids: judging takes twice as long if it is twice as
 * large.
 */
import { indexed } from "./indexed.ts"
import type { Exchange } from "./spans/exchange.ts"
import type { Queue } from "./spans/queue.ts"
import type { Scope } from "./spans/scope.ts"
import type { StreamRun } from "./spans/stream.ts"
import type { Subscription } from "./spans/subscription.ts"
import type { Micros } from "./time.ts"

/** Most exchanges have nothing of a kind, and every rule judges each exchange. */
const none: ReadonlyArray<never> = []

const scopesById = indexed(
  ({ scopes }) => new Map(scopes.map((scope) => [scope.span.spanId, scope])),
)

/** The scope of the exchange with that span id. */
export const scopeOf = (exchange: Exchange, spanId: string | undefined): Scope | undefined => {
  if (spanId === undefined) return undefined
  const known = scopesById(exchange)
  return known === undefined
    ? exchange.scopes.find(({ span }) => span.spanId === spanId)
    : known.get(spanId)
}

const subscriptionsById = indexed(({ subscriptions }) => placesOf(subscriptions))

/** Those of these subscriptions that belong to the exchange, in its order. */
export const subscriptionsOf = (
  exchange: Exchange,
  spanIds: ReadonlyArray<string>,
): ReadonlyArray<Subscription> => {
  const { subscriptions } = exchange
  if (subscriptions.length === 0 || spanIds.length === 0) return none
  // Most exchanges have one of each, and most rules ask.
  const [first] = subscriptions
  if (subscriptions.length === 1 && spanIds.length === 1) {
    return first?.span.spanId === spanIds[0] ? subscriptions : none
  }
  const known = subscriptionsById(exchange)
  return known === undefined
    ? subscriptions.filter(({ span }) => spanIds.includes(span.spanId))
    : inOrder(subscriptions, known, spanIds)
}

const findReadBy = (exchange: Exchange, { reads }: StreamRun): ReadonlyArray<Subscription> => {
  const read = subscriptionsOf(exchange, reads)
  return read.length < 2 ? read : read.toSorted((a, b) => a.startedAt - b.startedAt)
}

const readByStream = indexed(
  (exchange) => new Map(exchange.streams.map((stream) => [stream, findReadBy(exchange, stream)])),
)

/** The subscriptions of the exchange that a stream read, in the order of their acquisition. */
export const readBy = (exchange: Exchange, stream: StreamRun): ReadonlyArray<Subscription> =>
  readByStream(exchange)?.get(stream) ?? findReadBy(exchange, stream)

/** The subscription that a stream read first, if everything else that it read is known. */
export const firstRead = (exchange: Exchange, stream: StreamRun): Subscription | undefined => {
  const subscriptions = readBy(exchange, stream)
  return subscriptions.length < stream.reads.length ? undefined : subscriptions[0]
}

const queuesByReader = indexed(({ queues }) => byEach(queues, ({ readBy }) => readBy))

/** Whether no message can come to its readers any more. */
export const isOver = (source: Subscription | Queue): boolean =>
  source.kind === "queue" ? source.finished : source.sourceEnd !== undefined

/** The queues of the exchange that a stream read. */
export const queuesReadBy = (exchange: Exchange, { span }: StreamRun): ReadonlyArray<Queue> => {
  const { queues } = exchange
  if (queues.length === 0) return none
  const known = queuesByReader(exchange)
  return known === undefined
    ? queues.filter(({ readBy }) => readBy.includes(span.spanId))
    : (known.get(span.spanId) ?? none)
}

const readersById = indexed(({ streams }) => byEach(streams, ({ reads }) => reads))

/** The streams of the exchange that read a subscription. */
export const readersOf = (exchange: Exchange, { span }: Subscription): ReadonlyArray<StreamRun> => {
  const [first] = exchange.streams
  if (exchange.streams.length === 1) {
    return first?.reads.includes(span.spanId) ? exchange.streams : none
  }
  const known = readersById(exchange)
  return known === undefined
    ? exchange.streams.filter(({ reads }) => reads.includes(span.spanId))
    : (known.get(span.spanId) ?? none)
}

const streamsById = indexed(({ streams }) => placesOf(streams))

/** The stream of the exchange with that span id. */
export const streamOf = (exchange: Exchange, spanId: string): StreamRun | undefined => {
  const known = streamsById(exchange)
  return known === undefined
    ? exchange.streams.find(({ span }) => span.spanId === spanId)
    : exchange.streams[known.get(spanId) ?? -1]
}

/** The first stream of the exchange that read a queue. */
export const readerOf = (exchange: Exchange, { readBy }: Queue): StreamRun | undefined => {
  const known = streamsById(exchange)
  return known === undefined
    ? exchange.streams.find(({ span }) => readBy.includes(span.spanId))
    : inOrder(exchange.streams, known, readBy)[0]
}

const subscriptionsByOwner = indexed(({ subscriptions }) =>
  Map.groupBy(subscriptions, ({ owner }) => owner.spanId),
)

/** The subscriptions of the exchange that a scope holds. */
export const subscriptionsIn = (
  exchange: Exchange,
  { span }: Scope,
): ReadonlyArray<Subscription> => {
  const known = subscriptionsByOwner(exchange)
  return known === undefined
    ? exchange.subscriptions.filter(({ owner }) => owner.spanId === span.spanId)
    : (known.get(span.spanId) ?? none)
}

const fibersOfStreams = indexed(({ streams }) => new Set(streams.map(({ fiber }) => fiber)))

/** Whether the fiber ran a stream of the exchange. */
export const ranStream = (exchange: Exchange, fiber: number): boolean =>
  fibersOfStreams(exchange)?.has(fiber) ?? exchange.streams.some((stream) => stream.fiber === fiber)

const findLastToFail = ({ streams }: Exchange): ReadonlyArray<StreamRun> => {
  if (!streams.some(({ endedBy }) => endedBy === "failure")) return none
  const failed = streams.filter(({ endedBy }) => endedBy === "failure")
  return failed
    .toSorted((a, b) => a.startedAt - b.startedAt || (a.span.spanId < b.span.spanId ? -1 : 1))
    .slice(-1)
}

const failedLast = indexed(findLastToFail)

/** Of streams within streams, or of retries, the one whose failure the others passed on. */
export const lastToFail = (exchange: Exchange): ReadonlyArray<StreamRun> =>
  failedLast(exchange) ?? findLastToFail(exchange)

/** When the exchange and these streams of it had all ended; `undefined` while one still runs. */
export const lastEnd = (
  { endedAt }: Exchange,
  streams: ReadonlyArray<StreamRun>,
): Micros | undefined => {
  let last = endedAt
  for (const stream of streams) {
    if (last === undefined || stream.endedAt === undefined) return undefined
    last = Math.max(last, stream.endedAt)
  }
  return last
}

interface Spanned {
  readonly span: { readonly spanId: string }
}

/** The place of each in its list. */
const placesOf = (lifetimes: ReadonlyArray<Spanned>): ReadonlyMap<string, number> =>
  new Map(lifetimes.map(({ span }, place) => [span.spanId, place]))

const inOrder = <A>(
  lifetimes: ReadonlyArray<A>,
  places: ReadonlyMap<string, number>,
  spanIds: ReadonlyArray<string>,
): ReadonlyArray<A> => {
  const [first] = spanIds
  if (first !== undefined && spanIds.length === 1) {
    const only = lifetimes[places.get(first) ?? -1]
    return only === undefined ? none : [only]
  }
  const found: Array<number> = []
  for (const spanId of spanIds) {
    const place = places.get(spanId)
    if (place !== undefined) found.push(place)
  }
  found.sort((a, b) => a - b)
  return found.flatMap((place, at) => (place === found[at - 1] ? none : (lifetimes[place] ?? none)))
}

/** All that name a span, by its id. */
const byEach = <A>(
  lifetimes: ReadonlyArray<A>,
  named: (lifetime: A) => ReadonlyArray<string>,
): ReadonlyMap<string, ReadonlyArray<A>> => {
  const groups = new Map<string, Array<A>>()
  for (const lifetime of lifetimes) {
    for (const spanId of named(lifetime)) {
      const group = groups.get(spanId)
      if (group === undefined) groups.set(spanId, [lifetime])
      else if (group.at(-1) !== lifetime) group.push(lifetime) // it may name one twice
    }
  }
  return groups
}
