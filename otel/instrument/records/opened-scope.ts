import type * as Scope from "effect/Scope"
import type { CodeLocation } from "../../lifetimes/model.ts"
import type { SpanReference } from "../../lifetimes/span.ts"
import type { ExitKind, ScopeRole } from "../../lifetimes/terms.ts"
import type { Micros } from "../../lifetimes/time.ts"
import { type AnyFiber, hasEnded } from "../effect/fibers.ts"
import { holdsNothing } from "../effect/finalizers.ts"
import { callOf, definitionOf, type StackFrame } from "../effect/stack-frames.ts"
import { frameWithin } from "./current-exchange.ts"
import { endedAsHandler } from "./exit.ts"
import type { ExchangeRecord, Parent, ScopePile, ScopeRecord } from "./record.ts"

type ScopeFields = Pick<
  ScopeRecord,
  | "span"
  | "parentSpan"
  | "exchange"
  | "name"
  | "role"
  | "startedAt"
  | "parent"
  | "ownedBy"
  | "asked"
  | "openedBy"
  | "seenFromStart"
  | "frame"
>

/**
 * A scope that has just been seen. A class, because each exchange has one and an accessor on a single object is
 * slow.
 */
export class OpenedScope implements ScopeRecord {
  readonly kind = "scope"
  span: SpanReference
  readonly parentSpan: Parent | undefined
  readonly exchange: ExchangeRecord | undefined
  name: string
  role: ScopeRole
  startedAt: Micros
  endedAt: Micros | undefined = undefined
  parent: string | undefined
  readonly ownedBy: ScopeRecord | undefined
  asked: boolean
  readonly seenFromStart: boolean
  closedAt: Micros | undefined = undefined
  exit: ExitKind | undefined = undefined
  finalizers = 0
  closedByFiber: number | undefined = undefined
  closedFor: ExchangeRecord | undefined = undefined
  frame: StackFrame | undefined
  isAroundCall = false
  isNamed = false
  enteredClosed = false
  handsOut = false
  openedBy: ScopeRecord["openedBy"]
  pile: ScopePile | undefined = undefined
  #code: CodeLocation | undefined
  #usedAt: Micros | undefined
  #usedIn: StackFrame | undefined
  readonly #scope: Scope.Scope

  constructor(scope: Scope.Scope, known: ScopeFields) {
    this.#scope = scope
    this.span = known.span
    this.parentSpan = known.parentSpan
    this.exchange = known.exchange
    this.name = known.name
    this.role = known.role
    this.startedAt = known.startedAt
    this.parent = known.parent
    this.ownedBy = known.ownedBy
    this.asked = known.asked
    this.openedBy = known.openedBy
    this.seenFromStart = known.seenFromStart
    this.frame = known.frame
  }

  get unowned(): boolean {
    const { openedBy } = this
    if (openedBy === "the handler") return true
    return isFiber(openedBy) && !this.kept && endedAsHandler(openedBy)
  }

  get openedApart(): boolean {
    return isFiber(this.openedBy) && !this.kept && !this.unowned
  }

  /** A fiber that ended before the scope closed has left it behind. */
  get kept(): boolean {
    const { openedBy, closedByFiber } = this
    if (!isFiber(openedBy)) return openedBy === "a cache"
    return closedByFiber === openedBy.id || (closedByFiber === undefined && !hasEnded(openedBy))
  }

  get left(): number {
    return this.pile === undefined || this.pile.isClosed ? 0 : this.pile.exchanges
  }

  isOf(scope: Scope.Scope): boolean {
    return this.#scope === scope
  }

  noteUse(at: Micros, frame: StackFrame | undefined): void {
    if (this.#usedAt !== undefined) return
    this.#usedAt = at
    this.#usedIn = frameWithin(frame, this.exchange)
  }

  /** Reported only for what had been released before a body ran. */
  get firstUse(): ScopeRecord["firstUse"] {
    if (this.#usedAt === undefined || !(this.handsOut || this.enteredClosed)) return undefined
    return { at: this.#usedAt, code: definitionOf(this.#usedIn) }
  }

  isUnused(): boolean {
    return holdsNothing(this.#scope)
  }

  /** Read it only if needed: most scopes are never shown, and it costs a stack trace. */
  get code(): CodeLocation | undefined {
    this.#code ??= this.isAroundCall ? callOf(this.frame) : definitionOf(this.frame)
    return this.#code
  }
}

const isFiber = (opener: ScopeRecord["openedBy"]): opener is AnyFiber => typeof opener === "object"
