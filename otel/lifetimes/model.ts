/**
 * The five kinds of lifetime, and nothing else: an interval with an owner. Live records and records
 * rebuilt from spans have these shapes, so that one set of rules judges both. An `endedAt` that is
 * `undefined` means: still open.
 */
import type { SpanReference } from "./span.ts"
import type { Micros } from "./time.ts"

export interface Lifetime {
  readonly span: SpanReference
  /** The name given in the code. */
  readonly name: string
  readonly startedAt: Micros
  readonly endedAt: Micros | undefined
}

export type ScopeRole = "application" | "layer" | "request" | "handler" | "connection"

export type ExitKind = "success" | "failure" | "interrupt"

export interface Scope extends Lifetime {
  readonly role: ScopeRole
  /** Span id of the scope this one lives in, as the exchange sees it. */
  readonly parent: string | undefined
  /** When closing began, which is before its finalizers ran; `endedAt` is after the last one. */
  readonly closedAt: Micros | undefined
  readonly exit: ExitKind | undefined
  readonly finalizers: number
  readonly closedByFiber: number | undefined
}

/** Something acquired in a scope. The only kind so far is a PubSub subscription. */
export interface Resource extends Lifetime {
  /** The scope whose closing releases it. */
  readonly owner: {
    readonly name: string
    readonly spanId: string | undefined
    /** False where the owner is no scope of the exchange that acquired the resource. */
    readonly inExchange: boolean
  }
  /** Span id of the scope that closed. */
  readonly releasedBy: string | undefined
  /** True where its source ended or was shut down: nothing more can come from it. */
  readonly finished: boolean
  readonly delivered: number
  readonly backlogMax: number
  readonly capacity: number | undefined
  /** When a message first arrived for it after its last traced reader had ended. */
  readonly unreadPublishAt: Micros | undefined
  /** When something that is no traced stream of its exchange last took from it. */
  readonly untracedReadAt: Micros | undefined
}

export type ConsumerEnd = "upstream" | "released" | "client" | "shutdown" | "failure"

export interface Failure {
  readonly type: string
  readonly message: string
  /** A defect and no typed error; `undefined` where that was not recorded. */
  readonly defect?: boolean
}

/** One run of a stream. */
export interface Consumer extends Lifetime {
  readonly fiber: number | undefined
  /** Span ids of the resources it read. */
  readonly reads: ReadonlyArray<string>
  readonly exit: ExitKind | undefined
  readonly endedBy: ConsumerEnd | undefined
  /** Span id of the resource whose release ended it. */
  readonly endedByResource: string | undefined
  /** When it was first turned away by a resource that had been released, and by which. */
  readonly refused: { readonly at: Micros; readonly resource: string } | undefined
  readonly failure: Failure | undefined
  readonly firstEventAt: Micros | undefined
  readonly events: number
}

/** Of streams within streams, or tried again, the one whose failure the others passed on. */
export const lastToFail = ({ consumers }: Exchange): ReadonlyArray<Consumer> => {
  const failed = consumers.filter(({ endedBy }) => endedBy === "failure")
  return failed
    .toSorted((a, b) => a.startedAt - b.startedAt || (a.span.spanId < b.span.spanId ? -1 : 1))
    .slice(-1)
}

export type ExchangeEnd = "client" | "server" | "shutdown"

/** One request and its response, from the request's arrival to the end of the body. */
export interface Exchange extends Lifetime {
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
  readonly resources: ReadonlyArray<Resource>
  readonly consumers: ReadonlyArray<Consumer>
  readonly client: Client | undefined
}

export interface Handler extends Lifetime {
  /** False where its span says that it failed. */
  readonly succeeded: boolean
}

export type ClientEnd = "client" | "server" | "shutdown" | "error"

/** What the other side saw, where it sent spans too. */
export interface Client extends Lifetime {
  readonly firstByteAt: Micros | undefined
  readonly firstEventAt: Micros | undefined
  readonly endedBy: ClientEnd | undefined
  readonly events: number
}
