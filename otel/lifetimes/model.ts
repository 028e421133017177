/**
 * The kinds of lifetime, and nothing else: an interval with an owner. Live records and records
 * rebuilt from spans have these shapes, so that one set of rules judges both. An `endedAt` that is
 * `undefined` means: still open.
 */
import type { SpanReference } from "./span.ts"
import type {
  belongings,
  ClientEnd,
  ExchangeEnd,
  ExitKind,
  LifetimeKind,
  ScopeRole,
  StreamEnd,
  sourceEnds,
} from "./terms.ts"
import type { Micros } from "./time.ts"

/** What is known of any span, whether it tells of a lifetime or not. */
export interface NamedInterval {
  readonly span: SpanReference
  /** The name given in the code. */
  readonly name: string
  readonly startedAt: Micros
  readonly endedAt: Micros | undefined
}

export interface Lifetime extends NamedInterval {
  readonly kind: LifetimeKind
}

export interface Scope extends Lifetime {
  readonly kind: "scope"
  readonly role: ScopeRole
  /** Span id of the scope this one lives in, as the exchange sees it. */
  readonly parent: string | undefined
  /** When closing began, which is before its finalizers ran; `endedAt` is after the last one. */
  readonly closedAt: Micros | undefined
  readonly exit: ExitKind | undefined
  readonly finalizers: number
  readonly closedByFiber: number | undefined
  /** Where it was opened. */
  readonly code: CodeLocation | undefined
}

/** A place in the code of the program. */
export interface CodeLocation {
  /** As named for `Effect.fn` or `withSpan`. */
  readonly function: string
  readonly file: string | undefined
  readonly line: number | undefined
}

/** How the PubSub behind a subscription came to an end while the subscription was held. */
export interface SourceEnd {
  readonly at: Micros
  /** Ended with a last message, or shut down. */
  readonly how: (typeof sourceEnds)[number]
  /** The scope whose closing did it, where one did. */
  readonly by:
    | {
        readonly name: string
        readonly span: SpanReference
        readonly belongsTo: (typeof belongings)[number]
      }
    | undefined
  /** Whether another PubSub of that name has been made since. */
  readonly replaced: boolean
}

/** Fewer messages wait in an unbounded subscription while a burst is being read. */
export const growing = 1_000

/** A subscription to a PubSub, from its acquisition in a scope until it is released. */
export interface Subscription extends Lifetime {
  readonly kind: "subscription"
  /** The scope whose closing releases it. */
  readonly owner: {
    readonly name: string
    readonly spanId: string | undefined
    /** False where the owner is no scope of the exchange that acquired the subscription. */
    readonly inExchange: boolean
  }
  /** Span id of the scope that closed. */
  readonly releasedBy: string | undefined
  /** True where its source ended or was shut down: nothing more can come from it. */
  readonly finished: boolean
  readonly sourceEnd: SourceEnd | undefined
  /** Whether the scope that owns it closed before the streams that read it had ended. */
  readonly ownerClosed: boolean
  /** Whether forks of a stream read it, as in a merge, and not the stream's own fiber. */
  readonly readByFork: boolean
  readonly delivered: number
  /** Messages published between its reader's first element and its acquisition. */
  readonly missedBefore: number
  /** Messages that were published to it and pushed out before it took them. */
  readonly missed: number
  readonly backlogMax: number
  /** Messages that waited in it at its end, or now. */
  readonly backlog: number
  readonly capacity: number | undefined
  /** Whether it is given what was published before it. */
  readonly replays: boolean
  /**
   * The longest time that publishers found it full without a message being taken, or, where it has no
   * capacity, that more than `growing` messages waited.
   */
  readonly fullFor: Micros
  /** When a message first arrived for it after its last traced reader had ended. */
  readonly unreadPublishAt: Micros | undefined
  /** When something that is no traced stream of its exchange last took from it. */
  readonly untracedReadAt: Micros | undefined
}

export interface Failure {
  readonly type: string
  readonly message: string
  /** A defect and no typed error; `undefined` where that was not recorded. */
  readonly defect?: boolean
}

/** A subscription of another exchange, and the scope that owned it. */
interface ForeignSubscription {
  readonly subscription: SpanReference
  readonly name: string
  readonly owner: string
}

/** One run of a stream. */
export interface StreamRun extends Lifetime {
  readonly kind: "stream"
  readonly fiber: number | undefined
  /** Span ids of the subscriptions it read. */
  readonly reads: ReadonlyArray<string>
  readonly exit: ExitKind | undefined
  readonly endedBy: StreamEnd | undefined
  /** Span id of the subscription whose release ended it. */
  readonly endedBySubscription: string | undefined
  /** The same where that subscription belongs to another exchange. */
  readonly endedByForeign: ForeignSubscription | undefined
  /** When it last met an interrupt that its fiber did not receive, and of which fiber. */
  readonly cutOff: { readonly at: Micros; readonly by: number | undefined } | undefined
  /** When it was first turned away by a subscription that had been released, and by which. */
  readonly refused: { readonly at: Micros; readonly subscription: string } | undefined
  readonly failure: Failure | undefined
  readonly firstEventAt: Micros | undefined
  readonly events: number
}

/** Most exchanges have nothing of a kind, and each is judged by every rule. */
const none: ReadonlyArray<never> = []

/** Of streams within streams, or tried again, the one whose failure the others passed on. */
export const lastToFail = ({ streams }: Exchange): ReadonlyArray<StreamRun> => {
  if (!streams.some(({ endedBy }) => endedBy === "failure")) return none
  const failed = streams.filter(({ endedBy }) => endedBy === "failure")
  return failed
    .toSorted((a, b) => a.startedAt - b.startedAt || (a.span.spanId < b.span.spanId ? -1 : 1))
    .slice(-1)
}

/** A fiber that nothing owns, and that outlived the exchange or the program it was started for. */
export interface OrphanFiber extends Lifetime {
  readonly kind: "fiber"
  readonly id: number | undefined
}

/** One request and its response, from the request's arrival to the end of the body. */
export interface Exchange extends Lifetime {
  readonly kind: "exchange"
  readonly service: string
  /** Method and path template, as `GET /event`. */
  readonly route: string
  readonly status: number | undefined
  readonly contentType: string | undefined
  readonly handlerReturnedAt: Micros | undefined
  readonly headSentAt: Micros | undefined
  readonly endedBy: ExchangeEnd | undefined
  /** Whether it ended with an error of its own: a handler or a body that failed. */
  readonly failed: boolean | undefined
  /** Until when it is known to have been open, where it has not ended. */
  readonly openUntil: Micros | undefined
  /** What failed it, where its own span carries that. */
  readonly failure: Failure | undefined
  /** What another tracer recorded of the handler, in a span right below the exchange's own. */
  readonly handler: Handler | undefined
  readonly scopes: ReadonlyArray<Scope>
  readonly subscriptions: ReadonlyArray<Subscription>
  readonly streams: ReadonlyArray<StreamRun>
  readonly orphans: ReadonlyArray<OrphanFiber>
  readonly client: Client | undefined
}

export interface Handler extends Lifetime {
  readonly kind: "handler"
  /** False where its span says that it failed. */
  readonly succeeded: boolean
}

/** What the other side saw, where it sent spans too. */
export interface Client extends Lifetime {
  readonly kind: "client"
  readonly firstByteAt: Micros | undefined
  readonly firstEventAt: Micros | undefined
  readonly endedBy: ClientEnd | undefined
  /** That somebody published. */
  readonly events: number
  /** That the server sent of its own accord: a greeting, heartbeats. */
  readonly ownEvents: number
}

/** Spans that ended when nothing could export them any more. */
export interface CutOff {
  /** When the exporter had been flushed and shut down. */
  readonly closedAt: Micros
  readonly count: number
  /** The first ones. */
  readonly spans: ReadonlyArray<NamedInterval>
}

/** What belongs to no exchange. */
export interface Program {
  readonly service: string
  /** When it stopped, or the last moment that is known. */
  readonly endedAt: Micros | undefined
  readonly orphans: ReadonlyArray<OrphanFiber>
  readonly cutOff: CutOff | undefined
}

/** The subscriptions of the exchange that a stream read, in the order of their acquisition. */
export const readBy = (
  { subscriptions }: Exchange,
  { reads }: StreamRun,
): ReadonlyArray<Subscription> =>
  subscriptions.length === 0
    ? none
    : subscriptions
        .filter(({ span }) => reads.includes(span.spanId))
        .toSorted((a, b) => a.startedAt - b.startedAt)

/** The subscription that a stream read first, where nothing else that it read is unknown. */
export const firstRead = (exchange: Exchange, stream: StreamRun): Subscription | undefined => {
  const subscriptions = readBy(exchange, stream)
  return subscriptions.length < stream.reads.length ? undefined : subscriptions[0]
}

/** The streams of the exchange that read a subscription. */
export const readersOf = (
  { streams }: Exchange,
  { span }: Subscription,
): ReadonlyArray<StreamRun> => streams.filter(({ reads }) => reads.includes(span.spanId))

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

/** A traced scope outside of the exchange holds it: it is released when the program says so. */
export const isOwnedByProgram = ({ owner }: Subscription): boolean =>
  owner.spanId !== undefined && !owner.inExchange

/** ` (subscribe, /app/event.ts:12)` where it is known in which code a scope was opened. */
export const placeInCode = ({ code }: Scope): string => {
  if (code === undefined) return ""
  const { function: name, file, line } = code
  if (file === undefined) return ` (opened in ${name})`
  return ` (opened in ${name}, ${file}${line === undefined ? "" : `:${line}`})`
}
