import type * as Scope from "effect/Scope"
import type {
  CodeLocation,
  FeederFailure,
  FiberFailure,
  SourceEnd,
  Subscription,
} from "../../lifetimes/model.ts"
import type { SpanReference } from "../../lifetimes/span.ts"
import { unnamed } from "../../lifetimes/subscription-text.ts"
import type { Micros } from "../../lifetimes/time.ts"
import type { AnyFiber } from "../effect/fibers.ts"
import { isClosed } from "../effect/scopes.ts"
import { definitionOf, frameOf, type StackFrame } from "../effect/stack-frames.ts"
import type { Asking, SubscriptionView } from "../effect/subscriptions.ts"
import { exchangeOf, frameWithin } from "../records/current-exchange.ts"
import type {
  ExchangeRecord,
  Parent,
  PubSubRecord,
  ScopeRecord,
  StreamRunRecord,
  SubscriptionRecord,
} from "../records/record.ts"
import { isOfInterest, makeSpanId, makeTraceId, parentSpan } from "../records/record-span.ts"
import type { LifetimeRegistry } from "../records/registry.ts"

interface Acquisition {
  readonly registry: LifetimeRegistry
  readonly fiber: AnyFiber
  readonly owner: Scope.Scope
  readonly pubsub: PubSubRecord
  readonly view: SubscriptionView<unknown>
}

/** A subscription that has just been acquired. */
export class AcquiredSubscription implements SubscriptionRecord {
  readonly kind = "subscription"
  // What each message asks for lies together in memory: this, and nothing else, is why it stands first.
  delivered = 0
  backlogMax = 0
  capacity: number | undefined
  readonly publishedBefore: number
  readonly pubsub: PubSubRecord
  firstEventAt: Micros | undefined = undefined
  fullSince: Micros | undefined = undefined
  #tookLast = 0
  #sentBefore = 0
  #lostSince = 0
  #lostElsewhere = 0
  readonly span: SpanReference
  readonly parentSpan: Parent | undefined
  readonly exchange: ExchangeRecord | undefined
  startedAt: Micros
  endedAt: Micros | undefined = undefined
  owner: Subscription["owner"]
  readonly ownerScope: ScopeRecord | undefined
  readonly acquiredOn: number
  releasedBy: string | undefined = undefined
  finished = false
  sourceEnd: SourceEnd | undefined = undefined
  feederFailed: FeederFailure | undefined
  readerFailed: FiberFailure | undefined = undefined
  publishedElsewhere: SubscriptionRecord["publishedElsewhere"] = undefined
  stalled: Subscription["stalled"] = undefined
  readonly publishedElsewhereBefore: number
  ownerClosed = false
  readByFork = false
  shared = false
  beside = false
  endedWithProgram = false
  missedBefore = 0
  missed = 0
  backlog = 0
  replays: boolean
  replayed: number
  fullFor = 0
  unreadPublishAt: Micros | undefined = undefined
  untracedReadAt: Micros | undefined = undefined
  dropped = 0
  readonly readers = new Set<StreamRunRecord>()
  reader: StreamRunRecord | undefined = undefined
  steps: SubscriptionRecord["steps"] = undefined
  asking: Asking = { settledOn: undefined }
  end: SubscriptionRecord["end"] = undefined
  releasedByOther = false
  unread = false
  isNamed = false
  readIn: Scope.Scope | undefined = undefined
  #code: CodeLocation | undefined
  readonly #frame: StackFrame | undefined
  readonly #registry: LifetimeRegistry
  readonly #owner: Scope.Scope
  readonly #view: SubscriptionView<unknown>

  constructor({ registry, fiber, owner, pubsub, view }: Acquisition) {
    const exchange = exchangeOf(fiber)
    const ownerScope = registry.recordOf(owner)
    const acquiredIn = ownerScope?.exchange === exchange ? ownerScope : exchange?.scopes[0]
    const parent = parentSpan(exchange, acquiredIn)
    if (ownerScope !== undefined && isOfInterest({ exchange, pubsub })) {
      ownerScope.isNamed ||= ownerScope.exchange === undefined
    }
    this.span = { traceId: parent?.traceId ?? makeTraceId(), spanId: makeSpanId() }
    this.parentSpan = parent
    this.exchange = exchange
    this.startedAt = registry.now()
    this.owner = {
      name: ownerScope?.name ?? "an untraced scope",
      spanId: ownerScope?.span.spanId,
      inExchange: ownerScope !== undefined && ownerScope.exchange === exchange,
    }
    this.ownerScope = ownerScope
    this.acquiredOn = fiber.id
    this.feederFailed = pubsub.fedBy?.failure
    this.capacity = pubsub.capacity
    this.replays = view.replays
    this.replayed = view.replayed
    this.publishedBefore = pubsub.published
    this.publishedElsewhereBefore = pubsub.twin?.published ?? 0
    this.pubsub = pubsub
    this.#frame = frameWithin(frameOf(fiber), exchange)
    this.#registry = registry
    this.#owner = owner
    this.#view = view
  }

  get name(): string {
    return this.pubsub.given ?? unnamed
  }

  /** Its exchange made the PubSub, and only a stream of that exchange passes on there what it reads. */
  get withinStream(): boolean {
    const { madeFor, fedBy } = this.pubsub
    return madeFor !== undefined && madeFor === this.exchange && fedBy?.within === madeFor
  }

  /** Read it only if needed: it costs a stack trace. */
  get code(): CodeLocation | undefined {
    this.#code ??= definitionOf(this.#frame)
    return this.#code
  }

  isOwnerClosed(): boolean {
    return isClosed(this.#owner)
  }

  isAwaited(): boolean {
    return this.#view.isAwaited
  }

  /** An unbounded subscription would have to count its messages one by one. */
  waiting(): number {
    if (this.capacity !== undefined) return this.#view.size
    return this.pubsub.published - this.publishedBefore - this.delivered
  }

  /** The reader comes back: what was lost in the meantime is missed. */
  taken(count: number): void {
    this.#tookLast = count
    this.#sentBefore = this.reader?.events ?? 0
    this.#lostSince = 0
    this.#lostElsewhere = 0
  }

  lost(count: number): void {
    this.#lostSince += count
    if (this.delivered === 0 || isHeldUp(this.reader) || this.steps?.isAtWork() === true) return
    this.#lostElsewhere += count
  }

  /**
   * What the reader does not miss, unless it comes back. It has sent more than what it took last, or nothing shows
   * that its client or its work on what it took holds it up: then it goes on with something else, on whatever fiber.
   */
  get #lostToNobody(): number {
    const sent = (this.reader?.events ?? 0) - this.#sentBefore
    return sent > this.#tookLast ? this.#lostSince : this.#lostElsewhere
  }

  takeStock(): void {
    if (this.unread || this.endedAt !== undefined) return
    this.backlog = Math.max(0, this.waiting())
    this.backlogMax = Math.max(this.backlogMax, this.backlog)
    const accepted = this.pubsub.published - this.publishedBefore
    const lost = this.dropped + Math.max(0, accepted - this.delivered - this.backlog)
    this.missed = Math.max(0, lost - this.#lostToNobody)
    if (this.fullSince !== undefined) noteTaken(this, this.#registry.now())
  }
}

/** Something is taken from it, or somebody looks at it: it was full until now. */
export const noteTaken = (record: SubscriptionRecord, now: Micros): void => {
  if (record.fullSince === undefined || record.pubsub.waitsForNobody) return
  record.fullFor = Math.max(record.fullFor, now - record.fullSince)
}

/**
 * Whether a client that does not read holds up the reader: it has a body, and nobody asks for more of it. A WebSocket
 * has none, and its platform takes whatever it sends.
 */
const isHeldUp = (reader: StreamRunRecord | undefined): boolean => {
  const body = reader?.exchange?.body
  return body !== undefined && !body.isAsked() && isPartOf(body, reader)
}

/** Whether a stream is the body, or runs inside it on whatever fiber. */
const isPartOf = (body: StreamRunRecord, stream: StreamRunRecord | undefined): boolean => {
  for (let one = stream; one !== undefined; one = one.within) if (one === body) return true
  return false
}
