/**
 * The kinds of lifetime, and nothing else: an interval with an owner. Live records and records
 * rebuilt from spans have these shapes, so that one set of rules judges both. What each kind knows of
 * itself, and what that means, is in its table in `spans/`. An `endedAt` that is `undefined` means:
 * still open.
 */
import { doneIn } from "./place-text.ts"
import type { SpanReference } from "./span.ts"
import type { Exchange } from "./spans/exchange.ts"
import type { OrphanFiber } from "./spans/fiber.ts"
import type { Queue } from "./spans/queue.ts"
import type { Scope } from "./spans/scope.ts"
import type { StreamRun } from "./spans/stream.ts"
import type { Subscription } from "./spans/subscription.ts"
import type { LifetimeKind } from "./terms.ts"
import type { Micros } from "./time.ts"

export type { Client } from "./spans/client.ts"
export type { CodeLocation } from "./spans/code.ts"
export type { Exchange } from "./spans/exchange.ts"
export type { Failure } from "./spans/failure.ts"
export type { FeederFailure } from "./spans/feeder-failure.ts"
export type { OrphanFiber } from "./spans/fiber.ts"
export type { Finalizer } from "./spans/finalizer.ts"
export type { Handler } from "./spans/handler.ts"
export type { Queue } from "./spans/queue.ts"
export type { Scope } from "./spans/scope.ts"
export type { StreamRun } from "./spans/stream.ts"
export type { SourceEnd, Subscription } from "./spans/subscription.ts"

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

/** Fewer messages wait in an unbounded subscription while a burst is being read. */
export const growing = 1_000

/** Most exchanges have nothing of a kind, and each is judged by every rule. */
const none: ReadonlyArray<never> = []

/** By what it says of itself: `text/event-stream`, with or without parameters. */
export const isEventStream = ({ contentType }: Exchange): boolean =>
  contentType?.toLowerCase().startsWith("text/event-stream") === true

/** Of streams within streams, or tried again, the one whose failure the others passed on. */
export const lastToFail = ({ streams }: Exchange): ReadonlyArray<StreamRun> => {
  if (!streams.some(({ endedBy }) => endedBy === "failure")) return none
  const failed = streams.filter(({ endedBy }) => endedBy === "failure")
  return failed
    .toSorted((a, b) => a.startedAt - b.startedAt || (a.span.spanId < b.span.spanId ? -1 : 1))
    .slice(-1)
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
): ReadonlyArray<Subscription> => {
  if (subscriptions.length === 0 || reads.length === 0) return none
  // Of most exchanges there is one of each, and most rules ask.
  const [first] = subscriptions
  if (subscriptions.length === 1 && reads.length === 1) {
    return first?.span.spanId === reads[0] ? subscriptions : none
  }
  const read = subscriptions.filter(({ span }) => reads.includes(span.spanId))
  return read.length < 2 ? read : read.toSorted((a, b) => a.startedAt - b.startedAt)
}

/** The subscription that a stream read first, where nothing else that it read is unknown. */
export const firstRead = (exchange: Exchange, stream: StreamRun): Subscription | undefined => {
  const subscriptions = readBy(exchange, stream)
  return subscriptions.length < stream.reads.length ? undefined : subscriptions[0]
}

/** The queues of the exchange that a stream read. */
export const queuesReadBy = ({ queues }: Exchange, { span }: StreamRun): ReadonlyArray<Queue> =>
  queues.length === 0 ? none : queues.filter(({ readBy }) => readBy.includes(span.spanId))

/** The streams of the exchange that read a subscription. */
export const readersOf = (
  { streams }: Exchange,
  { span }: Subscription,
): ReadonlyArray<StreamRun> => {
  const [first] = streams
  if (streams.length === 1) return first?.reads.includes(span.spanId) ? streams : none
  return streams.filter(({ reads }) => reads.includes(span.spanId))
}

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

/** ` (opened in subscribe, /app/event.ts:12)`, where it is known in which code a scope was opened. */
export const placeInCode = ({ code }: Scope): string => doneIn("opened in", code)
