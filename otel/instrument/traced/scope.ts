import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { unnamed } from "../../attributes.ts"
import type { ScopeRole } from "../../lifetimes/terms.ts"
import type { Micros } from "../../lifetimes/time.ts"
import type { AnyFiber } from "../effect/fibers.ts"
import { isClosed, isUnused, isWatchable, parentOf, scopeIn, watchScope } from "../effect/scopes.ts"
import { frameOf, isRunning, type StackFrame } from "../effect/stack-frames.ts"
import { harmlessly } from "../harmlessly.ts"
import { exchangeOf, exchangeServedBy } from "../records/current-exchange.ts"
import { exitKind, handsOut } from "../records/exit.ts"
import { OpenedScope } from "../records/opened-scope.ts"
import type { ExchangeRecord, Parent, ScopeRecord } from "../records/record.ts"
import { makeSpanId, makeTraceId, parentSpan } from "../records/record-span.ts"
import { type LifetimeRegistry, registryIn } from "../records/registry.ts"

/**
 * `Effect.scoped`, with the scope's lifetime recorded under the name.
 *
 * ```ts
 * handler.pipe(tracedScope("handler"))
 * ```
 */
export const tracedScope =
  (name: string, role: ScopeRole = "handler") =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, Exclude<R, Scope.Scope>> =>
    Effect.withFiber((fiber) => {
      const enclosing = scopeIn(fiber.context)
      const scoped = Effect.flatMap(Effect.scope, (scope) =>
        Effect.andThen(askForScope(scope, { name, role, enclosing }), self),
      )
      return Effect.scoped(scoped)
    })

/**
 * `Scope.fork`, with the new scope's lifetime recorded under the name: for the exchange it belongs to the
 * current scope, and `parent` owns it.
 */
export const forkTracedScope = (
  parent: Scope.Scope,
  name: string,
  role: ScopeRole = "connection",
): Effect.Effect<Scope.Closeable, never, Scope.Scope> =>
  Effect.flatMap(Effect.scope, (enclosing) => {
    const scope = Scope.forkUnsafe(parent)
    return Effect.as(askForScope(scope, { name, role, enclosing, owner: parent }), scope)
  })

/** Records the lifetime of the current scope, which somebody else opened and will close. */
export const traceCurrentScope = (
  name: string,
  role: ScopeRole,
): Effect.Effect<void, never, Scope.Scope> =>
  Effect.flatMap(Effect.scope, (scope) => askForScope(scope, { name, role, enclosing: undefined }))

interface ScopeRequest {
  readonly name: string
  readonly role: ScopeRole
  readonly enclosing: Scope.Scope | undefined
  readonly owner?: Scope.Scope
}

/**
 * The fiber may have entered the scope already, so that it is known: then it gets the name that was asked for.
 */
const askForScope = (scope: Scope.Scope, asked: ScopeRequest): Effect.Effect<void> =>
  Effect.withFiber((fiber) => {
    const registry = registryIn(fiber.context)
    if (registry !== undefined) {
      harmlessly(() => nameScope(registry, fiber, scope, asked), undefined)
    }
    return Effect.void
  })

const nameScope = (
  registry: LifetimeRegistry,
  fiber: AnyFiber,
  scope: Scope.Scope,
  asked: ScopeRequest,
): void => {
  const known = registry.recordOf(scope)
  if (known?.asked === true) return
  const exchange = exchangeOf(fiber)
  if (exchange !== undefined) exchange.shown = true
  if (known === undefined) {
    recordScope(registry, scope, { ...asked, exchange, frame: frameOf(fiber), asked: true })
  } else {
    known.name = asked.name
    known.role = asked.role
    known.asked = true
  }
}

interface ScopeOptions {
  readonly exchange: ExchangeRecord | undefined
  readonly name: string
  readonly role: ScopeRole
  readonly enclosing?: Scope.Scope | undefined
  readonly owner?: Scope.Scope | undefined
  readonly frame?: StackFrame | undefined
  /** Its parent if it belongs to no exchange. */
  readonly below?: Parent | undefined
  readonly asked?: boolean
  readonly openedBy?: ScopeRecord["openedBy"]
  /** Now, if it is not given. */
  readonly startedAt?: Micros
}

/** Records the lifetime of a scope that is not known yet, if its closing can be seen. */
export const recordScope = (
  registry: LifetimeRegistry,
  scope: Scope.Scope,
  options: ScopeOptions,
): void => {
  if (!isWatchable(scope)) return
  const record = openScope(registry, scope, options)
  record.enteredClosed = isClosed(scope)
  registry.remember(scope, record)
  if (options.exchange === undefined) watchProgramScope(registry, scope)
  watchScope(scope, {
    used: () => used(registry, record),
    closing: (exit, finalizers) => closing(registry, record, exit, finalizers),
    closed: () => closed(registry, record),
  })
}

/** Watches what exchanges leave in a scope of the program, and when that scope closes. */
export const watchProgramScope = (registry: LifetimeRegistry, scope: Scope.Scope): void => {
  const { closingScopes, finalizers } = registry
  finalizers.watch(scope)
  if (!isWatchable(scope) || !closingScopes.isNew(scope)) return
  watchScope(scope, {
    closing: () => closingScopes.begins(scope, Fiber.getCurrent()?.id, registry.now()),
    runs: () => closingScopes.runs(scope, registry.now()),
    closed: () => closingScopes.ends(scope),
  })
}

/** The nearest recorded scope that encloses something. */
const recordAround = (
  registry: LifetimeRegistry,
  enclosing: Scope.Scope | undefined,
): ScopeRecord | undefined => {
  let scope = enclosing
  while (scope !== undefined && registry.recordOf(scope) === undefined) scope = parentOf(scope)
  return registry.recordOf(scope)
}

/** In the program's own traces, nothing is a child of a scope that has no span. */
const askedFor = (scope: ScopeRecord | undefined): ScopeRecord | undefined =>
  scope?.asked === true ? scope : undefined

const openScope = (
  registry: LifetimeRegistry,
  scope: Scope.Scope,
  options: ScopeOptions,
): ScopeRecord => {
  const { exchange } = options
  const around = recordAround(registry, options.enclosing)
  const parent = exchange === undefined ? askedFor(around) : (around ?? exchange.scopes[0])
  const above = parentSpan(exchange, parent) ?? options.below
  const ownedBy = registry.recordOf(options.owner)
  if (ownedBy !== undefined) ownedBy.isNamed ||= ownedBy.exchange === undefined
  const record = new OpenedScope(scope, {
    span: { traceId: above?.traceId ?? makeTraceId(), spanId: makeSpanId() },
    parentSpan: above,
    exchange,
    name: options.name,
    role: options.role,
    startedAt: options.startedAt ?? registry.now(),
    parent: parent?.span.spanId ?? exchange?.span.spanId,
    ownedBy,
    asked: options.asked === true,
    openedBy: options.openedBy,
    seenFromStart: isUnused(scope),
    frame: options.frame,
  })
  registry.scopes.add(record)
  exchange?.scopes.push(record)
  return record
}

const used = (registry: LifetimeRegistry, record: ScopeRecord): void => {
  const fiber = Fiber.getCurrent()
  if (record.role !== "request") record.noteUse(registry.now(), fiber && frameOf(fiber))
  // A function that was merely called in it acquires nothing there, or not the first resource.
  if (!record.isAroundCall || isAnswered(record) || isRunning(fiber, record.frame)) return
  record.frame = undefined
  record.isAroundCall = false
  if (!record.asked && record.role !== "request") record.name = unnamed.scope
}

/** The function that gave the response has ended by then. */
const isAnswered = ({ role, exchange }: ScopeRecord): boolean =>
  role === "request" && exchange?.isCall === false

const closing = (
  registry: LifetimeRegistry,
  record: ScopeRecord,
  exit: Exit.Exit<unknown, unknown>,
  finalizers: number,
): void => {
  record.closedAt = registry.now()
  record.exit = exitKind(exit)
  record.finalizers = finalizers
  record.handsOut = record.role !== "request" && handsOut(exit)
  const fiber = Fiber.getCurrent()
  record.closedByFiber = fiber?.id
  record.closedFor = closedFor(registry, record, fiber)
  registry.closing(record)
}

/**
 * What closes with the scope of a request is closed for that reason, although the request's span has ended by
 * then.
 */
const closedFor = (
  registry: LifetimeRegistry,
  { role }: ScopeRecord,
  fiber: AnyFiber | undefined,
): ExchangeRecord | undefined =>
  (fiber && exchangeServedBy(fiber)) ??
  (role === "request" ? undefined : registry.finalizing.cleaningUp)

const closed = (registry: LifetimeRegistry, record: ScopeRecord): void => {
  const now = registry.now()
  record.endedAt = now
  registry.finalizing.end(record)
  registry.scopes.delete(record)
  registry.ended(record)
  if (record.role === "request" && record.exchange !== undefined) {
    registry.complete(record.exchange, now)
  }
}
