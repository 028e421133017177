/**
 * Lifetimes while they live: the shapes of the model, mutable, with what the runtime knows besides. They are
 * kept compact and become spans only when they are exported.
 */
import type * as Context from "effect/Context"
import type { Scope as EffectScope } from "effect/Scope"
import type * as Tracer from "effect/Tracer"
import type * as Types from "effect/Types"
import type { Match } from "../../lifetimes/finding.ts"
import type {
  Exchange,
  FeederFailure,
  Finalizer,
  OrphanFiber,
  Queue,
  Scope,
  SourceEnd,
  StreamRun,
  Subscription,
} from "../../lifetimes/model.ts"
import type { SpanReference } from "../../lifetimes/span.ts"
import type { Micros } from "../../lifetimes/time.ts"
import type { AnyFiber, Step } from "../effect/fibers.ts"
import type { StackFrame } from "../effect/stack-frames.ts"
import type { PullSteps } from "../effect/stream-steps.ts"
import type { Asking } from "../effect/subscriptions.ts"
import type { DetachedFibers } from "./detached-fibers.ts"
import type { RecentPublishes } from "./recent-publishes.ts"

/** The parent of a record's span; `undefined` makes it the root of a separate trace. */
export interface Parent extends SpanReference {
  readonly sampled: boolean
  /** In nanoseconds: nothing below it is drawn from before. */
  readonly startTime: bigint | undefined
}

interface Record {
  readonly parentSpan: Parent | undefined
  /** The exchange that it belongs to; `undefined` for what belongs to the program itself. */
  readonly exchange: ExchangeRecord | undefined
}

export interface ScopeRecord
  extends Record,
    Types.Mutable<Omit<Scope, "code" | "firstUse" | "kept" | "left" | "openedApart" | "unowned">>,
    Pick<Scope, "code" | "firstUse" | "kept" | "left" | "openedApart" | "unowned"> {
  /**
   * Who opened a scope that no other scope closes. A timeout or a race runs a handler on a separate fiber. Only
   * the end of that fiber shows that it is not the fiber of a cache, which acquires for all.
   */
  openedBy: "the handler" | "a cache" | AnyFiber | undefined
  /** The function or the span in which it was entered, as far as that is known; `code` tells where it stands. */
  frame: StackFrame | undefined
  /** True if it was opened around a call of that function, and not inside the function. */
  isAroundCall: boolean
  /** Who began to close it. A finalizer runs with the context of the exchange that registered it. */
  closedFor: ExchangeRecord | undefined
  /** False if nobody asked for it to be recorded. */
  asked: boolean
  /** True for a scope of the program that another span names: then it becomes a span itself. */
  isNamed: boolean
  /** False if something had been acquired in it before it was first seen: then its start is unknown. */
  readonly seenFromStart: boolean
  readonly isOf: (scope: EffectScope) => boolean
  /** Something is acquired in it, in that function or span. */
  readonly noteUse: (at: Micros, frame: StackFrame | undefined) => void
  /** Whether it holds nothing: nothing has been acquired in it yet, or everything was released. */
  readonly isUnused: () => boolean
  /** Scopes that were left at the same place, once its exchange has ended and left it. */
  pile: ScopePile | undefined
  /** The scope that owns it, if it lives in another scope. */
  readonly ownedBy: ScopeRecord | undefined
}

/** Exchanges that opened a scope at the same place and left it open. */
export interface ScopePile {
  exchanges: number
  /** Whether one of those scopes was closed after all: then others may be closed, too. */
  isClosed: boolean
  /** The first exchanges. They are judged again once there are too many. */
  waiting: Array<ExchangeRecord>
}

export interface SubscriptionRecord
  extends Record,
    Types.Mutable<Omit<Subscription, "code" | "name" | "withinStream">>,
    Pick<Subscription, "code" | "name" | "withinStream"> {
  readonly pubsub: PubSubRecord
  readonly ownerScope: ScopeRecord | undefined
  /** The fiber that acquired it. */
  readonly acquiredOn: number
  firstEventAt: number | undefined
  /** Readers that have not ended. */
  readonly readers: Set<StreamRunRecord>
  /** The last of all. */
  reader: StreamRunRecord | undefined
  /** So many messages have just been taken from it. */
  readonly taken: (count: number) => void
  /** It was full, and its PubSub has thrown so many messages away. */
  readonly lost: (count: number) => void
  /** True once nothing of its exchange reads it any more: then what waits in it is nobody's backlog. */
  unread: boolean
  /** Whether the scope that owns it has closed. */
  readonly isOwnerClosed: () => boolean
  /** Settled on a fiber that reads it for its own stream, while that stays so. */
  asking: Asking
  /** Why its readers end from now on. */
  end: "released" | "finished" | undefined
  /** Whether somebody for whom it had not been acquired released it on purpose, or work that it served was done. */
  releasedByOther: boolean
  /** The scope of its last reader, if that reader is not a traced stream of its exchange. */
  readIn: EffectScope | undefined
  /** Whether somebody waits for its next message. */
  readonly isAwaited: () => boolean
  /** How many messages wait in it now. */
  readonly waiting: () => number
  /** Updates what is counted while messages come and go. */
  readonly takeStock: () => void
  /** How many messages its PubSub had accepted before it was acquired. */
  readonly publishedBefore: number
  /** True if it belongs to no exchange and a span names it: then it becomes a span itself. */
  isNamed: boolean
  /** How many messages the twin of its PubSub had accepted before it was acquired. */
  readonly publishedElsewhereBefore: number
  /** How many messages from before it was given first. */
  replayed: number
  /** Messages that were refused because it was full. */
  dropped: number
  /** What its reader was about to do when it took something last, if it runs a body, and may miss something. */
  steps: PullSteps | undefined
  /** Since when publishers have found it full or, without a capacity, too much has waited in it. */
  fullSince: number | undefined
}

export interface StreamRunRecord extends Record, Types.Mutable<Omit<StreamRun, "reads" | "fiber">> {
  readonly fiber: number
  readonly reads: Array<string>
  readonly readsFrom: Array<SubscriptionRecord>
  /** The scope that its fiber was in when it began. */
  readonly livesIn: ScopeRecord | undefined
  /** The fiber that had been started last when the stream first sent something. */
  newestAtFirst: number | undefined
  /** Its forks that had sent something until then, or had tried to. */
  senders: Set<number> | undefined
  /** The stream that this one runs inside of, on the same fiber. */
  enclosing: StreamRunRecord | undefined
  /** The stream that this one runs for, on whatever fiber. */
  readonly within: StreamRunRecord | undefined
  /** Whether it is all of a response's body. */
  readonly isBody: boolean
  /** The traced stream that the body consists of: it is recorded instead of the body. */
  replacedBy: StreamRunRecord | undefined
  /** The fiber that asked, for the stream, for something that was not there any more. */
  askedOn: number | undefined
  /** The taken-away queue that it met last, and when. */
  metQueue: MetQueue | undefined
  /** The subscription whose release ended it, as far as that is known. */
  refusedBy: SubscriptionRecord | undefined
  /** Whether somebody waits for its next element. Otherwise it waits for whom it has sent the last one. */
  isAsked: () => boolean
  /** What a fiber is about to do to answer that, if it runs the stream itself. */
  stepsOf: (fiber: AnyFiber) => PullSteps | undefined
}

/** A queue that was made for an exchange, once a stream of that exchange has read it. */
export interface QueueRecord
  extends Record,
    Types.Mutable<Omit<Queue, "code" | "name" | "readBy">>,
    Pick<Queue, "code" | "name" | "readBy"> {
  readonly exchange: ExchangeRecord
  /** Who has filled it; `undefined` if nobody has. */
  fedBy: Feeder | undefined
  /** Updates what is checked from time to time. */
  readonly takeStock: () => void
  /** A stream takes nothing from it any more. */
  readonly stopsReading: (stream: StreamRunRecord) => void
  /** Its exchange is over. */
  readonly completed: () => void
  /** There are too many to keep this one longer: it is exported as it is now. */
  readonly letGo: () => void
}

/** How a queue was shut down or interrupted. */
export interface QueueEnd {
  readonly at: Micros
  /** The scope that was closing then, unless that was closed on purpose. */
  readonly scope: ScopeRecord | undefined
  /** The exchange that shut it down, or took it along at its end; `undefined` if the program did. */
  readonly by: ExchangeRecord | undefined
  /** Whether that exchange was over. */
  readonly isLeaving: boolean
  /** The exchange whose handler did it, before it returned. */
  readonly handler: ExchangeRecord | undefined
  /** The function or the span that did it. */
  readonly frame: StackFrame | undefined
}

/** How a queue had been taken away that somebody met. */
export interface MetQueue {
  readonly end: QueueEnd
  readonly at: Micros
}

/** How many exchanges of a route have ended. */
export interface Visited {
  count: number
}

/** Exchanges that left a finalizer at the same place after their ends. */
export interface Pile {
  readonly kind: "pile"
  /** How many there are, as long as none of those finalizers was removed. */
  exchanges: number
  /** How many exchanges of their routes there were. */
  readonly visits: Set<Visited>
  /** Whether one of them was ever removed. */
  removed: boolean
  /** The first ones. They are judged again once there are too many. */
  waiting: Array<ExchangeRecord>
  /** How many finalizers are held beyond those that are kept. */
  unkept: number
  /** How many are kept. */
  kept: number
}

export interface FinalizerRecord
  extends Record,
    Omit<Types.Mutable<Finalizer>, "code" | "left" | "name" | "scope">,
    Pick<Finalizer, "code" | "left" | "name" | "scope"> {
  readonly exchange: ExchangeRecord
  /** What it is registered under. */
  readonly key: object
  /** The scope that holds it, or the recorded scope that this one is part of. */
  readonly heldBy: ScopeRecord | undefined
  /** Tells the scope that holds it apart from others. */
  readonly scopeNumber: number
  /** Equal for what is registered at the same place. */
  readonly place: string
  /** Distinguishes what one exchange registers there. */
  readonly number: number
  /** Those from the same place, once its exchange has ended. */
  pile: Pile | undefined
  /** Whether its exchange has been counted at that place because of this finalizer. */
  isCounted: boolean
}

/** How many finalizers of a kind a function has registered. */
interface Registrations {
  readonly what: Finalizer["what"]
  readonly name: string | undefined
  count: number
}

/**
 * What the body of an exchange runs. The platform keeps the response for as long as its socket, and so all that
 * leads from it, until the next full collection.
 */
export interface BodySource {
  /** If its last run has ended, it runs no more. */
  readonly letGo: () => void
}

export interface ExchangeRecord extends Types.Mutable<Exchange> {
  readonly scopes: Array<ScopeRecord>
  readonly subscriptions: Array<SubscriptionRecord>
  /** What the exchange made itself and its streams have read. */
  readonly queues: Array<QueueRecord>
  readonly streams: Array<StreamRunRecord>
  readonly orphans: Array<OrphanRecord>
  /** What it registered in scopes of the program that is still there, or was there for too long. */
  readonly finalizers: Array<FinalizerRecord>
  /** How many finalizers each function has registered for it in scopes of the program; most register none. */
  registrations: Array<Registrations> | undefined
  /** The response that a function of the handler gave last, until the head is sent. */
  answer: { readonly frame: StackFrame; readonly body: object } | undefined
  /** The latest contexts of its handler, while its body runs. */
  handlerContexts: ReadonlyArray<Context.Context<never>> | undefined
  /** Fibers that were started for it and that no other fiber owns. */
  readonly detached: DetachedFibers
  readonly serverSpan: Tracer.Span
  readonly sampled: boolean
  readonly fiber: number
  matches: ReadonlyArray<Match>
  /** The run of its body, if that is a stream. */
  body: StreamRunRecord | undefined
  /** What its body runs. */
  source: BodySource | undefined
  /** Ends the exchange with its body, if the body runs on after the handler's fiber has ended. */
  endsWith: ((body: StreamRunRecord) => void) | undefined
  /** Whether it is one of several that come over the connection of one request. */
  readonly isCall: boolean
  /**
   * A child of the handler's fiber that ended with that fiber, if nothing else is left that could feed the
   * body.
   */
  stoppedChild: FeederFailure | undefined
  /** Until its end: whom to call when its client has left, and the fiber that Effect interrupts then. */
  clientWatch:
    | { fiber: AnyFiber; readonly stop: () => void; unseenAt: Micros | undefined }
    | undefined
  /** True if the program itself asked to record something in it, or if something in it was reported as open. */
  shown: boolean
  /** True from its end until it is judged, if its server span is written later. */
  waits: boolean
  /** The findings that have a separate span already. */
  readonly told: Array<Match>
  /** True once its server span carries what was found until then. */
  annotated: boolean
  /** The finding that its server span carries, the deepest of them. */
  said: Match | undefined
  /** True once the sink knows that nothing more will be found. */
  done: boolean
  /** True once its request scope has closed and its lifetimes have been exported. */
  completed: boolean
}

/** The only fiber that has published to a PubSub, or put something into a queue. */
export interface Feeder {
  /** `undefined` if there have been several, or if a publisher was no fiber. */
  readonly fiber: number | undefined
  /** The exchange whose stream passes on what it has read. */
  readonly within: ExchangeRecord | undefined
  /** It failed, and nobody was told. */
  failure: FeederFailure | undefined
}

export interface PubSubEnd {
  readonly at: Micros
  readonly how: SourceEnd["how"]
  /** The scope that was closing then. */
  readonly scope: ScopeRecord | undefined
  /** The exchange that had read it, and cleaned up then. */
  readonly reader: ExchangeRecord | undefined
  /** The exchange whose handler ended it, before it returned. */
  readonly handler: ExchangeRecord | undefined
  /** The function or the span that did it. */
  readonly frame: StackFrame | undefined
  /** The exchanges that read it then. */
  readonly readers: ReadonlyArray<WeakRef<ExchangeRecord>>
  /** Exchanges that have shut it down again since. It may go on for ever, and they are kept no longer for it. */
  readonly again: WeakSet<ExchangeRecord>
  /** Whether the program makes others like it while it serves: then each is there only for some time. */
  readonly isRenewed: boolean
  /** Whether it had served its readers after the handler that made it had returned. */
  readonly servedLate: boolean
}

export interface PubSubRecord {
  /** The name that the program gave it; `undefined` without one. */
  given: string | undefined
  readonly id: string
  readonly capacity: number | undefined
  /** A message that finds it full is thrown away. */
  readonly drops: boolean
  /** It has a capacity, and its publishers go on at once although a subscription is full. */
  readonly waitsForNobody: boolean
  published: number
  /** The last publishes. */
  readonly recent: RecentPublishes
  /** Who has published to it; `undefined` if nobody has. */
  fedBy: Feeder | undefined
  /** Whether another PubSub of that name has been made since. */
  replaced: boolean
  /** How it came to its end while the program ran. */
  end: PubSubEnd | undefined
  /** The exchange that made it; `undefined` if the program did, or if it is unknown. */
  readonly madeFor: ExchangeRecord | undefined
  /** The step in which it was made; `undefined` if that was not seen. */
  madeIn: Step | undefined
  /** The program made it, before the first exchange began: it is there as long as the program is. */
  madeAtStart: boolean
  /**
   * The only other PubSub that a build of the same Layer has made in the same turn, outside of any exchange.
   */
  twin: PubSubRecord | undefined
  /** Whether anything has ever subscribed to it. */
  everRead: boolean
  /** Whether a stream of that exchange has read it. */
  readByMaker: boolean
  /** Whether a subscription that was released since was given something after the handler that made it had returned. */
  servedLate: boolean
  /** What is subscribed to it. */
  readonly subscriptions: Set<SubscriptionRecord>
  /** Still held, although everything that read them has ended. */
  readonly abandoned: Set<SubscriptionRecord>
}

export interface OrphanRecord
  extends Record,
    Types.Mutable<Omit<OrphanFiber, "left">>,
    Pick<OrphanFiber, "left"> {
  readonly id: number
  /** Whether `code` is where it was forked, and not the function that it runs. */
  readonly isForkedThere: boolean
  /** Whether it has an owner by now. */
  isOwned: () => boolean
  /** Fibers of other exchanges that were forked at the same place, if it feeds a stream that is over. */
  pile: FeederPile | undefined
  /** What it runs now, while it does. */
  readonly currentName: () => string
  /** What was found about it, if it belongs to the program. */
  match: Match | undefined
}

/** Fibers that were forked at the same place, and feed streams that are over. */
export interface FeederPile {
  exchanges: number
  /** Whether one of them ended by itself, or its queue was read again: then others may, too. */
  isClosed: boolean
  /** The exchange that was first, until there is another. */
  first: ExchangeRecord | undefined
}

export type LifetimeRecord =
  | ScopeRecord
  | SubscriptionRecord
  | QueueRecord
  | StreamRunRecord
  | OrphanRecord
  | FinalizerRecord
