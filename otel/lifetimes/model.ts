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
import type { Scope } from "./spans/scope.ts"
import type { Subscription } from "./spans/subscription.ts"
import type { LifetimeKind } from "./terms.ts"
import type { Micros } from "./time.ts"

export type { Client } from "./spans/client.ts"
export type { CodeLocation } from "./spans/code.ts"
export type { Exchange } from "./spans/exchange.ts"
export type { Failure } from "./spans/failure.ts"
export type { OrphanFiber } from "./spans/fiber.ts"
export type { FeederFailure, FiberFailure } from "./spans/fiber-failure.ts"
export type { Finalizer } from "./spans/finalizer.ts"
export type { Handler } from "./spans/handler.ts"
export type { Queue } from "./spans/queue.ts"
export type { Scope } from "./spans/scope.ts"
export type { StreamRun } from "./spans/stream.ts"
export type { SourceEnd, Subscription } from "./spans/subscription.ts"

/** What is known of any span, whether it describes a lifetime or not. */
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

/** An unbounded subscription has fewer messages than this while a burst is being read. */
export const growing = 1_000

/** Whether it declares itself as one: `text/event-stream`, with or without parameters. */
export const isEventStream = ({ contentType }: Exchange): boolean =>
  contentType?.toLowerCase().startsWith("text/event-stream") === true

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

/** A traced scope outside of the exchange holds it: it is released when the program decides. */
export const isOwnedByProgram = ({ owner }: Subscription): boolean =>
  owner.spanId !== undefined && !owner.inExchange

/** `Effect.scoped` has no place of its own: all that is known may be the function that was called in it. */
export const openedWhere = ({ isAroundCall }: Pick<Scope, "isAroundCall">) =>
  isAroundCall ? "opened around" : "opened in"

/** ` (opened in subscribe, /app/event.ts:12)`, if the code that opened a scope is known. */
export const placeInCode = (scope: Scope): string => doneIn(openedWhere(scope), scope.code)
