/**
 * What an open exchange keeps: an exchange may last for days, and run a stream for each message. Of ended
 * lifetimes it keeps those that a finding names or that a rule may still ask for. The rest is exported.
 */
import type { Match } from "../../lifetimes/finding.ts"
import { lastToFail } from "../../lifetimes/relations.ts"
import type { Micros } from "../../lifetimes/time.ts"
import { scopeThatReleased } from "../../lifetimes/unknown-release.ts"
import type {
  ExchangeRecord,
  LifetimeRecord,
  ScopeRecord,
  StreamRunRecord,
  SubscriptionRecord,
} from "./record.ts"
import { isWorthASpan } from "./record-span.ts"

/** Lifetimes that an exchange keeps before anything of it is forgotten. */
const keptAtLeast = 256
/** Findings of one rule whose lifetimes are kept until the exchange ends. */
const matchesAtMost = 32
/** How many subscriptions a running stream remembers before it forgets the oldest. */
const readsAtMost = 64

interface ForgettingState {
  /**
   * How many lifetimes it keeps before it forgets again: twice what was left, so that each is checked only a
   * few times.
   */
  next: number
  /** Span ids of scopes below which something has been exported. */
  readonly above: Set<string>
}

const states = new WeakMap<ExchangeRecord, ForgettingState>()
const forgotten = new WeakSet<LifetimeRecord>()

/** Whether it has been exported and the exchange has forgotten it, or knows it again. */
export const isForgotten = (record: LifetimeRecord): boolean => forgotten.has(record)

/** Whether an open exchange keeps so much that it is time to forget what has ended. */
export const keepsTooMuch = (exchange: ExchangeRecord): boolean => {
  const count = countLifetimes(exchange)
  if (count <= keptAtLeast || exchange.endedAt !== undefined) return false
  return count > (states.get(exchange)?.next ?? keptAtLeast)
}

const countLifetimes = ({ scopes, subscriptions, streams }: ExchangeRecord): number =>
  scopes.length + subscriptions.length + streams.length

/**
 * Forgets ended lifetimes that are not needed any more; `forget` gets what is to be exported. The exchange has
 * just been judged. What a finding names stays, unless there is too much of it.
 */
export const forgetEnded = (
  exchange: ExchangeRecord,
  grace: Micros,
  forget: (record: LifetimeRecord) => void,
): void => {
  const { streams, subscriptions, scopes } = exchange
  const state = states.get(exchange) ?? { next: 0, above: new Set() }
  states.set(exchange, state)
  exchange.matches = firstOfEachRule(exchange.matches)
  const needed = new KeepSet(exchange, grace)
  const drop = (record: LifetimeRecord) => {
    if (!forgotten.has(record) && (isWorthASpan(record) || state.above.has(record.span.spanId))) {
      if (record.parentSpan !== undefined) state.above.add(record.parentSpan.spanId)
      forget(record)
    }
    state.above.delete(record.span.spanId)
    forgotten.add(record)
  }
  const dropped = [
    ...removeUnless(streams, needed.has),
    ...removeUnless(subscriptions, needed.has),
    // The inner ones first: they decide which of the outer ones are exported.
    ...removeUnless(scopes, needed.has).reverse(),
  ]
  if (dropped.some(({ kind }) => kind !== "scope")) exchange.shown = true
  for (const stream of streams) if (stream.endedAt === undefined) unlink(stream, needed)
  dropped.forEach(drop)
  state.next = Math.max(keptAtLeast, 2 * countLifetimes(exchange))
}

/** Something that was forgotten is needed once more: a finding about it names it and its scope. */
export const recall = (record: SubscriptionRecord): void => {
  if (!forgotten.has(record)) return
  const { exchange, ownerScope } = record
  if (exchange === undefined) return
  if (!exchange.subscriptions.includes(record)) exchange.subscriptions.push(record)
  if (ownerScope?.exchange !== exchange || exchange.scopes.includes(ownerScope)) return
  exchange.scopes.push(ownerScope)
}

const firstOfEachRule = (matches: ReadonlyArray<Match>): ReadonlyArray<Match> => {
  const counts = new Map<string, number>()
  return matches.filter(({ rule }) => {
    const count = (counts.get(rule) ?? 0) + 1
    counts.set(rule, count)
    return count <= matchesAtMost
  })
}

/** Keeps those, in their order, and returns the others. */
const removeUnless = <A>(records: Array<A>, isKept: (record: A) => boolean): Array<A> => {
  const removed = records.filter((record) => !isKept(record))
  if (removed.length === 0) return removed
  const kept = records.filter(isKept)
  records.length = 0
  for (const record of kept) records.push(record)
  return removed
}

/** A running stream forgets what its exchange forgets. If it reads that again, it counts as a new read. */
const unlink = (stream: StreamRunRecord, needed: KeepSet): void => {
  const { reads, readsFrom, exchange } = stream
  const gone = (record: SubscriptionRecord) => record.exchange === exchange && !needed.has(record)
  for (const record of removeUnless(readsFrom, (read) => !gone(read))) {
    record.readers.delete(stream)
  }
  reads.length = 0
  for (const { span } of readsFrom) reads.push(span.spanId)
}

/** What of an exchange is open, or what a rule may still ask for. */
class KeepSet {
  readonly #records = new Set<LifetimeRecord>()
  readonly #spanIds = new Set<string>()

  constructor(exchange: ExchangeRecord, grace: Micros) {
    for (const { spanIds, stream } of exchange.matches) {
      for (const spanId of spanIds) this.#spanIds.add(spanId)
      if (stream !== undefined) this.#spanIds.add(stream)
    }
    for (const stream of neededStreams(exchange, grace)) this.#records.add(stream)
    for (const { span } of lastToFail(exchange)) this.#spanIds.add(span.spanId)
    for (const stream of exchange.streams) {
      if (!this.has(stream)) continue
      for (const subscription of neededReads(stream)) this.#records.add(subscription)
    }
    this.#addScopes(exchange)
  }

  readonly has = (record: LifetimeRecord): boolean =>
    record.endedAt === undefined ||
    this.#records.has(record) ||
    this.#spanIds.has(record.span.spanId)

  #addScopes(exchange: ExchangeRecord): void {
    for (const subscription of exchange.subscriptions) {
      if (!this.has(subscription)) continue
      if (subscription.owner.spanId !== undefined) this.#spanIds.add(subscription.owner.spanId)
      if (subscription.releasedBy !== undefined) this.#spanIds.add(subscription.releasedBy)
      this.#addAbove(subscription)
    }
    for (const scope of neededScopes(exchange)) this.#spanIds.add(scope)
    // The inner ones first.
    for (const scope of exchange.scopes.toReversed()) if (this.has(scope)) this.#addAbove(scope)
  }

  #addAbove({ parentSpan }: LifetimeRecord): void {
    if (parentSpan !== undefined) this.#spanIds.add(parentSpan.spanId)
  }
}

/**
 * Rules only ask whether some ended stream exists: one that ended late enough, that had something to read when
 * others had not, or that read what is still held. The last stream to end answers for all of them.
 */
const neededStreams = function* (
  exchange: ExchangeRecord,
  grace: Micros,
): Generator<StreamRunRecord> {
  let last: StreamRunRecord | undefined
  let lastToRead: StreamRunRecord | undefined
  const lastOf = new Map<SubscriptionRecord, StreamRunRecord>()
  for (const stream of exchange.streams) {
    if (stream.endedAt === undefined) continue
    if (stream.isBody || mayHaveStarved(stream, grace)) yield stream
    last = laterOf(last, stream)
    if (stream.readsFrom.some(isReleased)) lastToRead = laterOf(lastToRead, stream)
    for (const read of stream.readsFrom) {
      if (read.endedAt === undefined) lastOf.set(read, laterOf(lastOf.get(read), stream))
    }
  }
  for (const stream of [last, lastToRead, ...lastOf.values()]) {
    if (stream !== undefined) yield stream
  }
}

const laterOf = (one: StreamRunRecord | undefined, other: StreamRunRecord): StreamRunRecord =>
  one?.endedAt === undefined || (other.endedAt ?? 0) >= one.endedAt ? other : one

/** Released before its source ended. */
const isReleased = ({ endedAt, sourceEnd }: SubscriptionRecord): boolean =>
  endedAt !== undefined && sourceEnd === undefined

/**
 * It ran on without a source. Whether the source was lost may become known when another one takes its place.
 */
const mayHaveStarved = ({ readsFrom, endedAt = 0 }: StreamRunRecord, grace: Micros): boolean =>
  readsFrom.some(
    ({ sourceEnd }) =>
      sourceEnd?.how === "shutdown" && !sourceEnd.replaced && endedAt - sourceEnd.at > grace,
  )

/** A stream that runs for days does not remember everything that it has read. */
const neededReads = (stream: StreamRunRecord): ReadonlyArray<SubscriptionRecord> => {
  const { readsFrom, endedAt, refused, refusedBy } = stream
  if (endedAt !== undefined || readsFrom.length <= readsAtMost) return readsFrom
  let [first, lost] = readsFrom
  for (const read of readsFrom) {
    if (first === undefined || read.startedAt < first.startedAt) first = read
    if ((read.sourceEnd?.at ?? 0) > (lost?.sourceEnd?.at ?? 0)) lost = read
  }
  return [
    first,
    lost,
    refusedBy,
    readsFrom.find(({ span }) => span.spanId === refused?.subscription),
    readsFrom.findLast(isReleased),
    readsFrom.at(-1),
  ].filter((read) => read !== undefined)
}

/** The request's own scope, and scopes that may turn out to have released something that is not traced. */
const neededScopes = function* (exchange: ExchangeRecord): Generator<string> {
  const { scopes, streams } = exchange
  let last: ScopeRecord | undefined
  for (const scope of scopes) {
    if (scope === scopes[0]) yield scope.span.spanId
    if (scope.role === "request" || scope.closedAt === undefined || scope.finalizers === 0) continue
    if (scope.exit !== "interrupt" && scope.closedAt >= (last?.closedAt ?? 0)) last = scope
  }
  if (last !== undefined) yield last.span.spanId
  for (const stream of streams) {
    if (stream.endedAt !== undefined || stream.cutOff === undefined) continue
    const closer = scopeThatReleased(exchange, stream)
    if (closer !== undefined) yield closer.span.spanId
  }
}
