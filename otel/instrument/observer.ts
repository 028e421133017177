import * as Context from "effect/Context"
import * as Fiber from "effect/Fiber"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type * as Scope from "effect/Scope"
import { HTTP_ROUTE, unnamed } from "../attributes.ts"
import type { ScopeRole } from "../lifetimes/terms.ts"
import { observeCall } from "./call-stream.ts"
import { sees } from "./effect/capabilities.ts"
import { type AnyFiber, isChild, spanOf } from "./effect/fibers.ts"
import { takenWhileAwaited } from "./effect/meeting-queues.ts"
import { onResult } from "./effect/results.ts"
import { changeCalls } from "./effect/rpc-handlers.ts"
import { isClosed, isUnused, parentOf, watchClosed } from "./effect/scopes.ts"
import { frameOf, functionOf } from "./effect/stack-frames.ts"
import type { RuntimeObserver } from "./effect/tracer-hook.ts"
import { serveExchange } from "./exchange.ts"
import { noteRefused } from "./observed/queue.ts"
import { noteCalledOff } from "./records/client-watch.ts"
import { exchangeOf, exchangeServedBy, frameWithin } from "./records/current-exchange.ts"
import { meetsInterrupt, readerOn, stopsReading } from "./records/current-stream.ts"
import type { ExchangeRecord, Parent, ScopeRecord } from "./records/record.ts"
import type { LifetimeRegistry } from "./records/registry.ts"
import { noteSent } from "./records/sent-interrupts.ts"
import { recordScope, watchProgramScope } from "./traced/scope.ts"

/** Records what the runtime shows. The caller decides what to record about fibers that start. */
export const observerOf = (
  registry: LifetimeRegistry,
  started: RuntimeObserver["started"],
): RuntimeObserver => ({
  started,
  entered: (fiber, scope, enclosing) => {
    if (enclosing === undefined) changeCalls(fiber, observeCall)
    entered(registry, fiber, scope, enclosing)
  },
  called: (fiber, scope) => {
    const record = registry.recordOf(scope)
    if (record === undefined || record.enteredClosed || record.frame !== undefined) return
    if (record.role === "request" && record.exchange?.isCall === false) {
      noteAnswer(record.exchange, fiber)
      return
    }
    if (!isUnused(scope)) return
    // A handler that gets a scope of the program calls its functions inside it, and not around it.
    if (record.exchange === exchangeOf(fiber)) locate(record, fiber)
  },
  interrupted: (fiber, interruption) => {
    if (interruption.own) {
      noteSent(registry, fiber, interruption)
      noteCalledOff(registry, exchangeServedBy(fiber), fiber)
    }
    noteRefused(registry, fiber, takenWhileAwaited(interruption))
    const stream = readerOn(fiber)
    if (stream === undefined) return
    if (!interruption.own) meetsInterrupt(stream, fiber, interruption, registry.now())
    else if (fiber.id === stream.fiber) stopsReading(stream)
  },
  serving: (fiber, span) => serveExchange(registry, fiber, span),
})

/**
 * The innermost function that gives the response handles the request. Others only help it, or are around the router,
 * as the middleware of all routes is.
 */
const noteAnswer = (exchange: ExchangeRecord, fiber: AnyFiber): void => {
  const frame = frameWithin(frameOf(fiber), exchange)
  if (frame === undefined || exchange.headSentAt !== undefined) return // then this is its body
  const { attributes } = exchange.serverSpan
  const isRouted = attributes.has(HTTP_ROUTE)
  onResult(fiber, (value) => {
    if (!HttpServerResponse.isHttpServerResponse(value)) return
    if (isRouted !== attributes.has(HTTP_ROUTE) || exchange.answer?.body === value.body) return
    exchange.answer = { frame, body: value.body }
  })
}

/** A scope that was opened around a function is named after that function. */
const locate = (record: ScopeRecord, fiber: AnyFiber): void => {
  record.frame = frameWithin(frameOf(fiber), record.exchange)
  if (record.frame === undefined) return
  record.isAroundCall = true
  if (!record.asked && record.role !== "request") record.name = functionOf(record.frame)
}

/** A request enters its scope before Effect makes the span that identifies the exchange. */
const isAboutToServe = (fiber: AnyFiber): boolean =>
  exchangeServedBy(fiber) === undefined &&
  Context.getOrUndefined(fiber.context, HttpServerRequest.HttpServerRequest) !== undefined

/** Marks a scope that another record already covers: skip it on every later entry. */
const part = Symbol("scopeline/part")

type PerhapsPart = Scope.Scope & { [part]?: boolean }

const entered = (
  registry: LifetimeRegistry,
  fiber: AnyFiber,
  scope: PerhapsPart,
  enclosing: Scope.Scope | undefined,
): void => {
  if (!sees.parents || scope[part] === true) return
  if (isClosed(scope)) {
    noteClosed(registry, fiber, scope, enclosing)
    return
  }
  if (isAboutToServe(fiber)) return
  const exchange = exchangeOf(fiber)
  const known = registry.recordOf(scope)
  if (known !== undefined) {
    if (known.openedBy !== undefined && known.exchange !== exchange)
      noteShared(registry, known, scope)
    return
  }
  const owner = parentOf(scope)
  if (isPartOf(registry, owner, enclosing)) {
    if (Object.isExtensible(scope)) scope[part] = true
    if (exchange === undefined) watchProgramScope(registry, scope)
    return
  }
  const frame = frameWithin(frameOf(fiber), exchange)
  const role = exchange === undefined ? roleInProgram(owner, enclosing) : roleIn(owner)
  recordScope(registry, scope, {
    exchange,
    name: frame === undefined ? nameWithout(role) : functionOf(frame),
    role,
    enclosing,
    owner,
    frame,
    below: parentFor(fiber),
    openedBy: owner === undefined ? openerIn(exchange, fiber, enclosing) : undefined,
  })
}

/** A handler was only the first to enter it: the program had made it for all. */
const noteShared = (registry: LifetimeRegistry, record: ScopeRecord, scope: Scope.Scope): void => {
  record.openedBy = undefined
  watchProgramScope(registry, scope)
}

/**
 * The handler of a request gets a scope that has closed, perhaps in a fork, as under a time limit. A fork may well
 * live on in a closed scope, but does not enter one.
 */
const noteClosed = (
  registry: LifetimeRegistry,
  fiber: AnyFiber,
  scope: Scope.Scope,
  enclosing: Scope.Scope | undefined,
): void => {
  const exchange = exchangeOf(fiber)
  const known = registry.recordOf(scope)
  if (exchange === undefined || known?.exchange === exchange) return
  // Requests may take turns in it.
  if (exchange.scopes.some((one) => one.isOf(scope))) return
  const isEntered = enclosing !== undefined && !registry.isStopping
  if (exchange.fiber !== fiber.id && !isEntered) return
  recordScope(registry, scope, {
    exchange,
    name: known?.name ?? unnamed.scope,
    role: known?.role ?? "handler",
    frame: known?.frame,
  })
  watchClosed(scope, () => {
    const user = Fiber.getCurrent()
    if (user === undefined) return
    const record = exchangeOf(user)?.scopes.find((one) => one.isOf(scope))
    record?.noteUse(registry.now(), frameOf(user))
  })
}

/**
 * A scope that is forked from the fiber's current scope, or from one that no fiber is ever in, closes with
 * whatever made it: streams and Layers consist of such scopes.
 */
const isPartOf = (
  registry: LifetimeRegistry,
  owner: Scope.Scope | undefined,
  enclosing: Scope.Scope | undefined,
): boolean => owner !== undefined && (owner === enclosing || registry.recordOf(owner) === undefined)

/**
 * What requests share is acquired on a separate fiber, and so is what takes part in a race. The fiber of an RcMap
 * starts in a scope that the RcMap closes.
 */
const openerIn = (
  exchange: ExchangeRecord | undefined,
  fiber: AnyFiber,
  enclosing: Scope.Scope | undefined,
): ScopeRecord["openedBy"] => {
  if (exchange === undefined) return undefined
  if (exchange.fiber === fiber.id || isChild(fiber)) return "the handler"
  return enclosing === undefined ? "a cache" : fiber
}

/** A forked scope belongs to the owner of the scope that it was forked from. */
const roleIn = (owner: Scope.Scope | undefined) =>
  owner === undefined ? ("handler" as const) : ("connection" as const)

const roleInProgram = (owner: Scope.Scope | undefined, enclosing: Scope.Scope | undefined) => {
  if (enclosing === undefined) return "application"
  return owner === undefined ? "handler" : "layer"
}

/** Without a name, we only know which scope is the program's own. */
const nameWithout = (role: ScopeRole): string => (role === "application" ? role : unnamed.scope)

const parentFor = (fiber: AnyFiber): Parent | undefined => {
  const span = spanOf(fiber)
  return span?._tag === "Span"
    ? {
        traceId: span.traceId,
        spanId: span.spanId,
        sampled: span.sampled,
        startTime: span.status.startTime,
      }
    : undefined
}
