import * as Context from "effect/Context"
import type * as Exit from "effect/Exit"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import type * as Tracer from "effect/Tracer"
import { exchangeNotes } from "../lifetimes/spans/exchange.ts"
import { webSocket } from "../lifetimes/spans/exchange-name.ts"
import type { ExchangeEnd } from "../lifetimes/terms.ts"
import { fromNanos, type Micros, toNanos } from "../lifetimes/time.ts"
import { annotate } from "./annotate.ts"
import { observeBody } from "./body.ts"
import { sees } from "./effect/capabilities.ts"
import { type AnyFiber, interruptOf, wasInterrupted } from "./effect/fibers.ts"
import { makeNotes, setFunction } from "./effect/properties.ts"
import { beforeResponse } from "./effect/responses.ts"
import { scopeIn } from "./effect/scopes.ts"
import { isObservable, replaceEnd } from "./effect/spans.ts"
import { keepContexts } from "./effect/tracer-hook.ts"
import { harmlessly } from "./harmlessly.ts"
import { cutOffByQueue } from "./observed/call-queue.ts"
import { stopWatching, watchClient } from "./records/client-watch.ts"
import { startExchange } from "./records/current-exchange.ts"
import { forgetRuns } from "./records/current-stream.ts"
import { DetachedFibers } from "./records/detached-fibers.ts"
import { isClientAbort } from "./records/exit.ts"
import type { ExchangeRecord, StreamRunRecord } from "./records/record.ts"
import { isWorthSpans } from "./records/record-span.ts"
import type { LifetimeRegistry } from "./records/registry.ts"
import { takeRoute } from "./records/route.ts"
import { noteCutOff } from "./records/sent-interrupts.ts"
import { noteStoppedChild } from "./records/stopped-child.ts"
import { isStopping } from "./records/stopping.ts"
import { recordScope } from "./traced/scope.ts"
import { endStream } from "./traced/stream.ts"

/** Requests whose response belongs to an exchange. Calls over one connection share its request. */
const responding = makeNotes<object, true>()

/**
 * Records an exchange from the moment at which Effect makes its server span until that span ends, with its
 * request scope and its body. The span that Effect makes is the exchange's span. If it belongs to a tracer of
 * the program, it must stay as it is: then `mirror` makes a span that stands for it.
 */
export const serveExchange = (
  registry: LifetimeRegistry,
  fiber: AnyFiber,
  span: Tracer.Span,
  mirror?: (span: Tracer.Span) => Tracer.Span,
): void => {
  const request = Context.getOrUndefined(fiber.context, HttpServerRequest.HttpServerRequest)
  if (request === undefined || !isObservable(span)) return
  const scope = scopeIn(fiber.context)
  const isWithin = responding.of(request.source) === true
  // The program made this server span itself, inside an exchange that has begun already.
  if (isWithin && registry.recordOf(scope)?.role === "request") return
  registry.served(fiber)
  const serverSpan = mirror?.(span) ?? span
  const { context } = fiber
  const now = registry.now()
  const startTime = fromNanos(serverSpan.status.startTime)
  // The fiber may have another clock, as in a test: a span that has just been made starts now.
  const isOurTime = Math.abs(startTime - now) < otherClock
  const startedAt = isOurTime ? startTime : now
  const exchange = begin(registry, request, serverSpan, startedAt, fiber.id, isWithin)
  if (serverSpan !== span) startExchange(span, exchange)
  if (scope !== undefined) {
    recordScope(registry, scope, {
      exchange,
      name: "request",
      role: "request",
      startedAt: exchange.startedAt,
    })
  }
  if (!isWithin && sees.responses) {
    responding.add(request.source, true)
    const contexts = keepContexts(fiber)
    beforeResponse(fiber, (response) => {
      const known = contexts()
      void request.remoteAddress // Node.js keeps it beyond the connection if we ask before that is gone
      if (isStreaming(response)) {
        watchClient(registry, exchange, request.source, fiber)
        exchange.handlerContexts = known
      }
      registry.sink.answered(exchange, { context, response })
      return returned(registry, exchange, response)
    })
  }
  replaceEnd(serverSpan, (endSpan) => (endTime, exit) => {
    if (serverSpan.status._tag === "Started") {
      if (isToWaitFor(exchange)) {
        harmlessly(() => noteStoppedChild(registry, exchange, fiber), undefined)
        setFunction(exchange, "endsWith", (body) =>
          endWith(registry, exchange, fiber, body, exit, endSpan),
        )
        return
      }
      const at = isOurTime ? fromNanos(endTime) : registry.now()
      harmlessly(() => end(registry, exchange, fiber, exit, at), undefined)
    }
    endSpan(endTime, exit)
  })
}

/** A span that starts further than this from the moment at which it is made has the time of another clock. */
const otherClock: Micros = 1_000_000

const isStreaming = ({ body }: HttpServerResponse.HttpServerResponse): boolean =>
  body._tag === "Stream" || body._tag === "Raw"

/** If a runtime pulls the body apart from the handler's fiber, the exchange lasts until the body ends. */
const isToWaitFor = ({ body, fiber }: ExchangeRecord): boolean =>
  body !== undefined && body.endedAt === undefined && body.fiber !== fiber

const endWith = (
  registry: LifetimeRegistry,
  exchange: ExchangeRecord,
  fiber: AnyFiber,
  { endedAt, endedBy }: StreamRunRecord,
  exit: Exit.Exit<unknown, unknown>,
  endSpan: Tracer.Span["end"],
): void => {
  const at = endedAt ?? registry.now()
  exchange.endsWith = undefined
  exchange.endedBy = endedBy === "client" || endedBy === "shutdown" ? endedBy : undefined
  harmlessly(() => end(registry, exchange, fiber, exit, at), undefined)
  endSpan(toNanos(at), exit)
}

const pathOf = (url: string): string => {
  const query = url.indexOf("?")
  const path = query < 0 ? url : url.slice(0, query)
  const fragment = path.indexOf("#")
  return fragment < 0 ? path : path.slice(0, fragment)
}

const methodOf = ({ method, headers }: HttpServerRequest.HttpServerRequest): string =>
  headers.upgrade?.toLowerCase() === "websocket" ? webSocket : method

const begin = (
  registry: LifetimeRegistry,
  request: HttpServerRequest.HttpServerRequest,
  serverSpan: Tracer.Span,
  startedAt: Micros,
  fiber: number,
  isCall: boolean,
): ExchangeRecord => {
  const exchange: ExchangeRecord = {
    kind: "exchange",
    span: { traceId: serverSpan.traceId, spanId: serverSpan.spanId },
    name: serverSpan.name,
    startedAt,
    endedAt: undefined,
    service: registry.service,
    route: `${methodOf(request)} ${pathOf(request.url)}`,
    status: undefined,
    contentType: undefined,
    handlerReturnedAt: undefined,
    headSentAt: undefined,
    clientLeftAt: undefined,
    leaveSeenAt: undefined,
    stopBeganAt: undefined,
    stoppingSince: undefined,
    stalled: undefined,
    defaultRead: undefined,
    cutOff: undefined,
    endedBy: undefined,
    failed: undefined,
    openUntil: undefined,
    failure: undefined,
    handler: undefined,
    scopes: [],
    subscriptions: [],
    queues: [],
    streams: [],
    orphans: [],
    finalizers: [],
    registrations: undefined,
    client: undefined,
    serverSpan,
    sampled: serverSpan.sampled,
    fiber,
    handlerContexts: undefined,
    answer: undefined,
    detached: new DetachedFibers(),
    body: undefined,
    source: undefined,
    endsWith: undefined,
    stoppedChild: undefined,
    clientWatch: undefined,
    isCall,
    matches: [],
    shown: false,
    waits: false,
    told: [],
    annotated: false,
    said: undefined,
    done: false,
    completed: false,
  }
  startExchange(serverSpan, exchange)
  registry.begun(exchange)
  return exchange
}

/** The last moment before the platform writes the head. */
const returned = (
  registry: LifetimeRegistry,
  exchange: ExchangeRecord,
  response: HttpServerResponse.HttpServerResponse,
): HttpServerResponse.HttpServerResponse => {
  exchange.handlerReturnedAt = registry.now()
  exchange.headSentAt = exchange.handlerReturnedAt
  exchange.status = response.status
  exchange.contentType = response.headers["content-type"]
  noteHandler(exchange, response)
  return observeBody(registry, exchange, response)
}

/** Who gave a response with this body handled the request, whatever was added to the head afterwards. */
const noteHandler = (
  exchange: ExchangeRecord,
  { body }: HttpServerResponse.HttpServerResponse,
): void => {
  const { answer, scopes } = exchange
  exchange.answer = undefined
  if (answer?.body !== body) return
  const around = scopes.find(({ role }) => role === "request")
  if (around === undefined || around.frame !== undefined) return
  around.frame = answer.frame
  around.isAroundCall = true
}

const end = (
  registry: LifetimeRegistry,
  exchange: ExchangeRecord,
  fiber: AnyFiber,
  exit: Exit.Exit<unknown, unknown>,
  at: Micros,
): void => {
  if (exchange.body !== undefined) endStream(registry, exchange.body, exit, at)
  exchange.endedAt = at
  for (const subscription of exchange.subscriptions) subscription.asking.settledOn = undefined
  exchange.stalled = registry.standstills.since(exchange.startedAt, at)
  exchange.stoppingSince = registry.closingScopes.since
  exchange.handlerContexts = undefined
  stopWatching(exchange, at)
  letGo(exchange, fiber)
  exchange.endedBy ??= whatEnded(registry, exchange, fiber, exit)
  if (exchange.endedBy === "shutdown" && wasInterrupted(fiber, exit)) {
    exchange.stopBeganAt = registry.closingScopes.waitBegan(interruptOf(fiber))
  }
  if (exchange.endedBy === "server") {
    noteCutOff(registry, exchange, exit)
    cutOffByQueue(registry, exchange, exit)
  }
  exchange.failed =
    exchange.endedBy === "server" && (exit._tag === "Failure" || exchange.failed === true)
  takeRoute(exchange)
  // If its scope is not seen, nothing else shows that it is over.
  if (!hasRequestScope(exchange)) registry.complete(exchange, at)
  const written = registry.sink.writes(exchange)
  if (written === "when done" && !exchange.completed) {
    exchange.waits = true
    registry.review.soon(exchange, at)
    return
  }
  const isShown = isWorthSpans(exchange)
  const pending = registry.review.judge(exchange, at)
  // The scope of a call closes before its span ends, and the span may still bring something new.
  if (exchange.completed && !isShown) registry.exportEndedOf(exchange)
  exchange.annotated = true
  exchange.said = exchange.matches[0]
  registry.review.settle(exchange)
  if (written === undefined) annotateServerSpan(exchange.serverSpan, exchange)
  // If the span goes around its scope, that has closed already.
  if (!pending && exchange.completed) registry.sink.done(exchange)
}

/** The platform keeps the response and the fiber for as long as the socket. */
const letGo = (exchange: ExchangeRecord, fiber: AnyFiber): void => {
  exchange.source?.letGo()
  exchange.source = undefined
  forgetRuns(fiber)
}

const hasRequestScope = ({ scopes }: ExchangeRecord): boolean =>
  scopes.some(({ role }) => role === "request")

const whatEnded = (
  registry: LifetimeRegistry,
  exchange: ExchangeRecord,
  fiber: AnyFiber,
  exit: Exit.Exit<unknown, unknown>,
): ExchangeEnd => {
  const { body } = exchange
  if (exchange.clientLeftAt !== undefined) return "client"
  // The same interrupt of another request, met in something that both share, does not mean that this client
  // left.
  if (isClientAbort(exit) && wasInterrupted(fiber, exit)) return "client"
  // A body that breaks off closes the connection, and that interrupts the fiber.
  if (body?.endedBy === "failure" || body?.endedBy === "released") return "server"
  if (registry.isShuttingDown || isStopping(exchange)) return "shutdown"
  if (!wasInterrupted(fiber, exit)) return "server"
  // Only a server that stops interrupts a request's fiber. A call also ends with its connection.
  return exchange.isCall && !registry.closingScopes.areAny ? "client" : "shutdown"
}

/** Adds what is known of a finished exchange to its server span. */
export const annotateServerSpan = (
  span: Pick<Tracer.Span, "attribute" | "event">,
  exchange: ExchangeRecord,
): void => annotate(span, exchangeNotes.write(exchange, exchange.span))
