import * as Fiber from "effect/Fiber"
import { unnamed } from "../../attributes.ts"
import { type CodeLocation, type FeederFailure, growing } from "../../lifetimes/model.ts"
import type { SpanReference } from "../../lifetimes/span.ts"
import type { Micros } from "../../lifetimes/time.ts"
import { type AnyFiber, onLost } from "../effect/fibers.ts"
import {
  type AnyQueue,
  capacityOf,
  isOpen,
  observeQueue,
  observeSliding,
  sizeOf,
  whenAsked,
} from "../effect/meeting-queues.ts"
import type { QueueObserver } from "../effect/queue-takers.ts"
import { scopeIn } from "../effect/scopes.ts"
import { definitionOf, frameOf, functionOf, type StackFrame } from "../effect/stack-frames.ts"
import { frameWithin } from "../records/current-exchange.ts"
import { forkedForStreamOf, readerOn } from "../records/current-stream.ts"
import { exitKind, failureOf } from "../records/exit.ts"
import { failureOfFiber } from "../records/feeders.ts"
import { keepQueue } from "../records/kept-queues.ts"
import type {
  ExchangeRecord,
  Feeder,
  OrphanRecord,
  Parent,
  QueueRecord,
  StreamRunRecord,
} from "../records/record.ts"
import { makeSpanId, parentSpan } from "../records/record-span.ts"
import type { LifetimeRegistry } from "../records/registry.ts"
import { LateDeliveries } from "./late-deliveries.ts"

/** Work that a stream has begun does so, unlike what the stream consists of. */
const isInOwnScope = (registry: LifetimeRegistry, fiber: AnyFiber): boolean => {
  const scope = scopeIn(fiber.context)
  return scope !== undefined && registry.recordOf(scope)?.openedBy === fiber
}

/** For one queue: the first stream, which may read it again, and the latest ones. */
const readersKept = 64

/** The only queue that streams of an exchange fill for themselves; `undefined` if there are several. */
const innerQueues = new WeakMap<ExchangeRecord, MadeQueue | undefined>()

/** A queue that has just been made for an exchange. */
export class MadeQueue implements QueueRecord, QueueObserver {
  readonly kind = "queue"
  readonly span: SpanReference
  readonly parentSpan: Parent | undefined
  readonly exchange: ExchangeRecord
  readonly startedAt: Micros
  endedAt: Micros | undefined = undefined
  readonly capacity: number | undefined
  readonly readBy: Array<string> = []
  withinStream = false
  backlog = 0
  backlogMax = 0
  fullFor: Micros = 0
  finished = false
  fedBy: Feeder | undefined = undefined
  readonly #registry: LifetimeRegistry
  readonly #queue: AnyQueue
  readonly #frame: StackFrame | undefined
  readonly #readers = new Set<StreamRunRecord>()
  readonly #self: ReadonlyArray<MadeQueue>
  readonly #stopTelling: () => void
  #isForgotten = false
  #feederFailed: FeederFailure | undefined = undefined
  /** True once its readers have stopped: then what waits in it is nobody's backlog. */
  #isUnread = false
  #fullSince: Micros | undefined = undefined
  /** The fiber that asked it something last, until that fiber puts something into it. */
  #asker: AnyFiber | undefined = undefined
  /** How many messages waited in it then. */
  #waitedFor = 0
  /** A fiber that fills it although the fiber's exchange is over. */
  #left: OrphanRecord | undefined = undefined
  /** The fork of a stream that was the first to fill it, until another one fills it too. */
  #inner: AnyFiber | undefined = undefined
  #stopWatchingInner = () => {}

  constructor(
    registry: LifetimeRegistry,
    fiber: AnyFiber,
    exchange: ExchangeRecord,
    queue: AnyQueue,
  ) {
    this.span = { traceId: exchange.span.traceId, spanId: makeSpanId() }
    this.parentSpan = parentSpan(exchange, undefined)
    this.exchange = exchange
    this.startedAt = registry.now()
    this.capacity = capacityOf(queue)
    this.#registry = registry
    this.#queue = queue
    this.#frame = frameWithin(frameOf(fiber), exchange)
    this.#self = [this]
    this.#stopTelling = observeQueue(queue, this)
    if (readerOn(fiber) === undefined) {
      const deliveries = new LateDeliveries(queue, exchange)
      whenAsked(queue, (asking) => {
        deliveries.look()
        if (!this.#isAsked(asking)) deliveries.lookOn()
        return true
      })
    } else if (isInOwnScope(registry, fiber)) new LateDeliveries(queue, exchange).lookBeside()
  }

  get name(): string {
    return this.#frame === undefined ? unnamed.queue : functionOf(this.#frame)
  }

  /** If nobody has filled it, a child of the handler may have been about to. */
  get feederFailed(): FeederFailure | undefined {
    const isUnfed = this.fedBy === undefined && !this.withinStream && !this.#isForgotten
    return this.#feederFailed ?? (isUnfed ? this.exchange.stoppedChild : undefined)
  }

  set feederFailed(failure: FeederFailure | undefined) {
    this.#feederFailed = failure
  }

  /** Read it only if needed: it costs a stack trace. */
  get code(): CodeLocation | undefined {
    return definitionOf(this.#frame)
  }

  awaited(fiber: AnyFiber): void {
    const stream = readerOn(fiber)
    if (stream?.exchange === this.exchange) this.#isReadBy(stream)
    else if (fiber.id !== this.exchange.fiber && forkedForStreamOf(fiber) !== this.exchange) {
      this.#isShared()
    }
  }

  offered(fiber: AnyFiber | undefined): void {
    if (fiber !== this.#asker) this.#hasTaken()
    this.#asker = undefined
    if (this.exchange.completed) this.#isFedUnread(fiber)
    else {
      if (this.capacity === undefined) this.#look()
      if (this.#inner === undefined) this.#isFedBy(fiber)
      else if (fiber !== this.#inner) this.#isFedByAnother()
    }
  }

  ended(): void {
    if (!this.#isUnread) this.finished = true
    this.endedAt ??= this.#registry.now()
    this.#forget()
  }

  takeStock(): void {
    if (this.#isUnread || this.endedAt !== undefined) return
    this.#look()
    if (this.#fullSince !== undefined) {
      this.fullFor = Math.max(this.fullFor, this.#registry.now() - this.#fullSince)
    }
    this.finished = !isOpen(this.#queue)
  }

  stopsReading(stream: StreamRunRecord): void {
    if (!this.#readers.delete(stream) || this.#readers.size > 0) return
    this.takeStock()
    this.#isUnread = true
  }

  completed(): void {
    this.takeStock()
    this.#isUnread = true
    this.endedAt ??= this.#registry.now()
    if (this.withinStream || !this.exchange.detached.areOwned) this.#forget()
    else observeSliding(this.#queue, () => this.#isFedUnread(Fiber.getCurrent()))
  }

  letGo(): void {
    this.completed()
    this.#forget()
    this.#registry.sink.export(this)
  }

  /** Returns whether it still has to be observed: a program may keep the queue for long after that. */
  #isAsked(fiber: AnyFiber): boolean {
    if (this.#isForgotten || this.exchange.completed) {
      this.#asker = undefined
      return false
    }
    this.#hasTaken()
    this.#asker = fiber
    this.#waitedFor = sizeOf(this.#queue)
    return this.readBy.length === 0
  }

  /**
   * If fewer messages wait than when the last caller asked, that caller has taken some, and did not have to
   * wait.
   */
  #hasTaken(): void {
    if (sizeOf(this.#queue) >= this.#waitedFor) return
    const stream = this.#asker && readerOn(this.#asker)
    if (stream?.exchange === this.exchange) this.#isReadBy(stream)
  }

  #look(): void {
    this.backlog = this.#isUnread ? this.backlog : sizeOf(this.#queue)
    if (this.backlog > this.backlogMax) this.backlogMax = this.backlog
    if (this.backlog < growing) this.#fullSince = undefined
    else if (this.#fullSince === undefined) {
      this.#fullSince = this.#registry.now()
      this.#registry.later(this.exchange)
    }
  }

  #isReadBy(stream: StreamRunRecord): void {
    if (this.#isUnread || this.#readers.has(stream)) return
    this.#readers.add(stream)
    if (this.readBy.length >= readersKept) this.readBy.splice(1, 1)
    this.readBy.push(stream.span.spanId)
    if (this.readBy.length > 1) return
    keepQueue(this.#registry, this.exchange, this)
    if (this.exchange.stoppedChild !== undefined) this.#registry.later(this.exchange)
  }

  #isFedBy(fiber: AnyFiber | undefined): void {
    if (this.withinStream) return
    if (fiber === undefined || readerOn(fiber)?.exchange !== this.exchange) {
      this.#registry.feeders.note(this, this.#self, fiber)
      return
    }
    this.withinStream = true
    // A buffer with a bound does not grow.
    if (this.capacity !== undefined) this.#unlist()
    if (this.#isOneOfSeveral()) {
      if (this.capacity !== undefined) this.#forget()
      return
    }
    this.#inner = fiber
    // Who makes a stream passes on how it ends. What a stream makes for itself may not.
    const failure = failureOfFiber(fiber)
    this.#stopWatchingInner = onLost(fiber, (exit) => {
      if (exitKind(exit) !== "failure") return
      const failed = failure(this.#registry.now(), failureOf(exit)?.message ?? "")
      this.#losesInner({ ...failed, stoppedWith: undefined })
    })
  }

  /** If streams of the exchange fill another queue for themselves, that queue may be read next. */
  #isOneOfSeveral(): boolean {
    const isFirst = !innerQueues.has(this.exchange)
    const other = innerQueues.get(this.exchange)
    if (other !== undefined) other.#isFedByAnother()
    innerQueues.set(this.exchange, isFirst ? this : undefined)
    return !isFirst
  }

  #isFedByAnother(): void {
    this.#inner = undefined
    this.#stopWatchingInner()
    this.withinStream = true
    if (this.feederFailed !== undefined) {
      this.feederFailed = undefined
      this.#registry.later(this.exchange)
    }
    if (this.capacity !== undefined) this.#forget()
  }

  /** The only fiber that has ever filled it is lost, and has left it open: nothing comes any more. */
  #losesInner(failure: FeederFailure): void {
    if (!isOpen(this.#queue) || this.#isForgotten || this.#registry.isStopping) return
    this.withinStream = false
    this.feederFailed = failure
    if (!this.exchange.queues.includes(this)) this.exchange.queues.push(this)
    this.#registry.later(this.exchange)
  }

  /** Its exchange is over, and so is everything that was read for the exchange. */
  #isFedUnread(fiber: AnyFiber | undefined): void {
    if (this.readBy.length === 0) this.#forget()
    else if (fiber !== undefined && !this.#isForgotten) {
      this.#left ??= this.#registry.leftFeeders.note(this.exchange, fiber)
      if (this.#left !== undefined) this.#left.fedUnreadAt = this.#registry.now()
    }
  }

  /** What others take is no backlog of its exchange, and its feeders may live as long as those others. */
  #isShared(): void {
    if (this.#left !== undefined) this.#registry.leftFeeders.isReadAgain(this.#left)
    this.#drop()
  }

  #forget(): void {
    this.#isForgotten = true
    this.#stopTelling()
    this.#stopWatchingInner()
  }

  #drop(): void {
    this.#forget()
    this.#unlist()
  }

  #unlist(): void {
    const { queues, completed } = this.exchange
    if (!completed && queues.includes(this)) queues.splice(queues.indexOf(this), 1)
  }
}
