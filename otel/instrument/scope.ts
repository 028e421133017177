import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import type { ScopeRole } from "../lifetimes/model.ts"
import { exchangeOf } from "./current-exchange.ts"
import { exitKind } from "./exit.ts"
import { Lifetimes, type LiveLifetimes } from "./lifetimes.ts"
import { parentSpan } from "./parent-span.ts"
import type { ExchangeRecord, ScopeRecord } from "./records.ts"
import { makeSpanId, makeTraceId } from "./span-id.ts"
import { watchScope } from "./watch-scope.ts"

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
      const enclosing = Context.getOrUndefined(fiber.context, Scope.Scope)
      const scoped = Effect.flatMap(Effect.scope, (scope) =>
        Effect.andThen(recordScope(scope, { name, role, enclosing }), self),
      )
      return Effect.scoped(scoped)
    })

/**
 * `Scope.fork`, with the new scope's lifetime recorded under the name: it belongs to the current
 * scope as the exchange sees it, and is owned by `parent`.
 */
export const forkTracedScope = (
  parent: Scope.Scope,
  name: string,
  role: ScopeRole = "connection",
): Effect.Effect<Scope.Closeable, never, Scope.Scope> =>
  Effect.flatMap(Effect.scope, (enclosing) => {
    const scope = Scope.forkUnsafe(parent)
    return Effect.as(recordScope(scope, { name, role, enclosing, owner: parent }), scope)
  })

/** Records the lifetime of the current scope, which somebody else opened and will close. */
export const traceCurrentScope = (
  name: string,
  role: ScopeRole,
): Effect.Effect<void, never, Scope.Scope> =>
  Effect.flatMap(Effect.scope, (scope) => recordScope(scope, { name, role, enclosing: undefined }))

interface ScopeOptions {
  readonly name: string
  readonly role: ScopeRole
  readonly enclosing: Scope.Scope | undefined
  readonly owner?: Scope.Scope
}

const recordScope = (scope: Scope.Scope, options: ScopeOptions): Effect.Effect<void> =>
  Effect.withFiber((fiber) => {
    const lifetimes = Context.getOrUndefined(fiber.context, Lifetimes)
    if (lifetimes === undefined || lifetimes.recordOf(scope) !== undefined) return Effect.void
    const record = openScope(lifetimes, exchangeOf(fiber), options)
    lifetimes.remember(scope, record)
    watchScope(scope, {
      closing: (exit, finalizers) => closing(lifetimes, record, exit, finalizers),
      closed: () => closed(lifetimes, record),
    })
    return Effect.void
  })

const openScope = (
  lifetimes: LiveLifetimes,
  exchange: ExchangeRecord | undefined,
  options: ScopeOptions,
): ScopeRecord => {
  const parent = lifetimes.recordOf(options.enclosing) ?? exchange?.scopes[0]
  const record: ScopeRecord = {
    span: { traceId: exchange?.span.traceId ?? makeTraceId(), spanId: makeSpanId() },
    parentSpan: parentSpan(exchange, parent),
    exchange,
    name: options.name,
    role: options.role,
    startedAt: lifetimes.now(),
    endedAt: undefined,
    parent: parent?.span.spanId ?? exchange?.span.spanId,
    ownedBy: lifetimes.recordOf(options.owner),
    closedAt: undefined,
    exit: undefined,
    finalizers: 0,
    closedByFiber: undefined,
  }
  lifetimes.scopes.add(record)
  exchange?.scopes.push(record)
  return record
}

const closing = (
  lifetimes: LiveLifetimes,
  record: ScopeRecord,
  exit: Exit.Exit<unknown, unknown>,
  finalizers: number,
): void => {
  record.closedAt = lifetimes.now()
  record.exit = exitKind(exit)
  record.finalizers = finalizers
  record.closedByFiber = Fiber.getCurrent()?.id
  lifetimes.closing(record)
}

const closed = (lifetimes: LiveLifetimes, record: ScopeRecord): void => {
  record.endedAt = lifetimes.now()
  lifetimes.closed(record)
  lifetimes.scopes.delete(record)
  lifetimes.ended(record)
  if (record.role === "request" && record.exchange !== undefined) {
    lifetimes.settle(record.exchange)
  }
}
