/**
 * What an open exchange keeps: an exchange may last for days, and run a stream for each message. Of what
 * has ended, it keeps what a finding names and what a rule may still ask for; the rest is exported.
 */
import type { Match } from "../lifetimes/finding.ts"
import { lastToFail } from "../lifetimes/model.ts"
import type { Micros } from "../lifetimes/time.ts"
import { scopeThatReleased } from "../lifetimes/unknown-release.ts"
import type {
  ConsumerRecord,
  ExchangeRecord,
  LifetimeRecord,
  ResourceRecord,
  ScopeRecord,
} from "./records.ts"
import { isWorthASpan } from "./span-policy.ts"

/** Lifetimes that an exchange keeps before anything of it is forgotten. */
const keptAtLeast = 256
/** Findings of one rule whose lifetimes are kept until the exchange ends. */
const matchesAtMost = 32
/** Subscriptions that a running stream is known to have read before the oldest are forgotten. */
const readsAtMost = 64

interface Forgetful {
  /** How many lifetimes it keeps before it forgets again: twice what was left, so that each is looked at a few times. */
  next: number
  /** Span ids of scopes below which something has been exported. */
  readonly above: Set<string>
}

const forgetful = new WeakMap<ExchangeRecord, Forgetful>()
const forgotten = new WeakSet<LifetimeRecord>()

/** Whether it has been exported, and its exchange does not know it any more, or again. */
export const isForgotten = (record: LifetimeRecord): boolean => forgotten.has(record)

/** Whether an open exchange keeps so much that it is time to forget what has ended. */
export const keepsTooMuch = (exchange: ExchangeRecord): boolean => {
  const count = countLifetimes(exchange)
  if (count <= keptAtLeast || exchange.endedAt !== undefined) return false
  return count > (forgetful.get(exchange)?.next ?? keptAtLeast)
}

const countLifetimes = ({ scopes, resources, consumers }: ExchangeRecord): number =>
  scopes.length + resources.length + consumers.length

/**
 * Forgets what has ended and is not needed any more; `forget` is given what is to be exported. The exchange
 * has just been judged: what it was found to name stays, as far as there is not too much of it.
 */
export const forgetEnded = (
  exchange: ExchangeRecord,
  grace: Micros,
  forget: (record: LifetimeRecord) => void,
): void => {
  const { consumers, resources, scopes } = exchange
  const state = forgetful.get(exchange) ?? { next: 0, above: new Set() }
  forgetful.set(exchange, state)
  exchange.matches = firstOfEachRule(exchange.matches)
  const needed = new Needed(exchange, grace)
  const drop = (record: LifetimeRecord) => {
    if (!forgotten.has(record) && (isWorthASpan(record) || state.above.has(record.span.spanId))) {
      if (record.parentSpan !== undefined) state.above.add(record.parentSpan.spanId)
      forget(record)
    }
    state.above.delete(record.span.spanId)
    forgotten.add(record)
  }
  const dropped = [
    ...removeUnless(consumers, needed.has),
    ...removeUnless(resources, needed.has),
    // The inner ones first: they tell which of those around them are to be exported.
    ...removeUnless(scopes, needed.has).reverse(),
  ]
  if (dropped.some((record) => !("role" in record))) exchange.shown = true
  for (const consumer of consumers) if (consumer.endedAt === undefined) unlink(consumer, needed)
  dropped.forEach(drop)
  state.next = Math.max(keptAtLeast, 2 * countLifetimes(exchange))
}

/** Something that was forgotten is asked for once more: what is found about it names it and its scope. */
export const recall = (record: ResourceRecord): void => {
  if (!forgotten.has(record)) return
  const { exchange, ownerScope } = record
  if (exchange === undefined) return
  if (!exchange.resources.includes(record)) exchange.resources.push(record)
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

/** Keeps those, in their order; gives the others. */
const removeUnless = <A>(records: Array<A>, isKept: (record: A) => boolean): Array<A> => {
  const removed = records.filter((record) => !isKept(record))
  if (removed.length === 0) return removed
  const kept = records.filter(isKept)
  records.length = 0
  for (const record of kept) records.push(record)
  return removed
}

/** A running stream knows no more of what is forgotten; if it reads that again, it has begun to read it. */
const unlink = (consumer: ConsumerRecord, needed: Needed): void => {
  const { reads, readsFrom, exchange } = consumer
  const gone = (record: ResourceRecord) => record.exchange === exchange && !needed.has(record)
  for (const record of removeUnless(readsFrom, (read) => !gone(read))) {
    record.readers.delete(consumer)
  }
  reads.length = 0
  for (const { span } of readsFrom) reads.push(span.spanId)
}

/** What of an exchange is open, or what a rule may still ask for. */
class Needed {
  readonly #records = new Set<LifetimeRecord>()
  readonly #spanIds = new Set<string>()

  constructor(exchange: ExchangeRecord, grace: Micros) {
    for (const { spanIds, consumer } of exchange.matches) {
      for (const spanId of spanIds) this.#spanIds.add(spanId)
      if (consumer !== undefined) this.#spanIds.add(consumer)
    }
    for (const consumer of neededConsumers(exchange, grace)) this.#records.add(consumer)
    for (const { span } of lastToFail(exchange)) this.#spanIds.add(span.spanId)
    for (const consumer of exchange.consumers) {
      if (!this.has(consumer)) continue
      for (const resource of neededReads(consumer)) this.#records.add(resource)
    }
    this.#addScopes(exchange)
  }

  readonly has = (record: LifetimeRecord): boolean =>
    record.endedAt === undefined ||
    this.#records.has(record) ||
    this.#spanIds.has(record.span.spanId)

  #addScopes(exchange: ExchangeRecord): void {
    for (const resource of exchange.resources) {
      if (!this.has(resource)) continue
      if (resource.owner.spanId !== undefined) this.#spanIds.add(resource.owner.spanId)
      if (resource.releasedBy !== undefined) this.#spanIds.add(resource.releasedBy)
      this.#addAbove(resource)
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
 * Of streams that have ended, rules ask whether there is one: that ended late enough, that had something
 * to read when others had not, that read what is still held. The last to end answers for all of them.
 */
const neededConsumers = function* (
  exchange: ExchangeRecord,
  grace: Micros,
): Generator<ConsumerRecord> {
  let last: ConsumerRecord | undefined
  let lastToRead: ConsumerRecord | undefined
  const lastOf = new Map<ResourceRecord, ConsumerRecord>()
  for (const consumer of exchange.consumers) {
    if (consumer.endedAt === undefined) continue
    if (consumer.isBody || mayHaveStarved(consumer, grace)) yield consumer
    last = laterOf(last, consumer)
    if (consumer.readsFrom.some(isReleased)) lastToRead = laterOf(lastToRead, consumer)
    for (const read of consumer.readsFrom) {
      if (read.endedAt === undefined) lastOf.set(read, laterOf(lastOf.get(read), consumer))
    }
  }
  for (const consumer of [last, lastToRead, ...lastOf.values()]) {
    if (consumer !== undefined) yield consumer
  }
}

const laterOf = (one: ConsumerRecord | undefined, other: ConsumerRecord): ConsumerRecord =>
  one?.endedAt === undefined || (other.endedAt ?? 0) >= one.endedAt ? other : one

/** Released before its source ended. */
const isReleased = ({ endedAt, sourceEnd }: ResourceRecord): boolean =>
  endedAt !== undefined && sourceEnd === undefined

/** It ran on without a source; whether that was lost may become known when another takes its place. */
const mayHaveStarved = ({ readsFrom, endedAt = 0 }: ConsumerRecord, grace: Micros): boolean =>
  readsFrom.some(
    ({ sourceEnd }) =>
      sourceEnd?.how === "shutdown" && !sourceEnd.replaced && endedAt - sourceEnd.at > grace,
  )

/** What a stream that runs for days has read is not all kept. */
const neededReads = (consumer: ConsumerRecord): ReadonlyArray<ResourceRecord> => {
  const { readsFrom, endedAt, refused, refusedBy } = consumer
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
    readsFrom.find(({ span }) => span.spanId === refused?.resource),
    readsFrom.findLast(isReleased),
    readsFrom.at(-1),
  ].filter((read) => read !== undefined)
}

/** The request's own, and those that may turn out to have released what nobody traced. */
const neededScopes = function* (exchange: ExchangeRecord): Generator<string> {
  const { scopes, consumers } = exchange
  let last: ScopeRecord | undefined
  for (const scope of scopes) {
    if (scope === scopes[0]) yield scope.span.spanId
    if (scope.role === "request" || scope.closedAt === undefined || scope.finalizers === 0) continue
    if (scope.exit !== "interrupt" && scope.closedAt >= (last?.closedAt ?? 0)) last = scope
  }
  if (last !== undefined) yield last.span.spanId
  for (const consumer of consumers) {
    if (consumer.endedAt !== undefined || consumer.cutOff === undefined) continue
    const closer = scopeThatReleased(exchange, consumer)
    if (closer !== undefined) yield closer.span.spanId
  }
}
