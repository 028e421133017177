import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as HttpEffect from "effect/http/HttpEffect"
import * as HttpMiddleware from "effect/http/HttpMiddleware"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import type * as Tracer from "effect/Tracer"
import {
  EXCHANGE_ENDED_BY,
  EXCHANGE_FAILED,
  EXCHANGE_HANDLER_RETURNED,
  EXCHANGE_HEAD_SENT,
  FINDING,
  FINDING_MESSAGE,
  FINDING_SEVERITY,
  HTTP_CONTENT_TYPE,
  HTTP_ROUTE,
} from "../attributes.ts"
import type { ExchangeEnd } from "../lifetimes/model.ts"
import { fromNanos, type Micros, toNanos } from "../lifetimes/time.ts"
import { CurrentExchange } from "./current-exchange.ts"
import { isClientAbort, isInterrupted } from "./exit.ts"
import { DetachedFibers } from "./fibers.ts"
import { Lifetimes, type LiveLifetimes } from "./lifetimes.ts"
import type { ExchangeRecord } from "./records.ts"
import { traceCurrentScope } from "./scope.ts"
import { makeSpanId, makeTraceId } from "./span-id.ts"

/**
 * HTTP middleware that records every exchange and its request scope. Give it to the server:
 * `HttpRouter.serve(routes, { middleware: tracedExchange })`. The exchange's span is the server span
 * that Effect itself makes.
 */
export const tracedExchange = HttpMiddleware.make((httpApp) =>
  Effect.withFiber((fiber) => {
    const lifetimes = Context.getOrUndefined(fiber.context, Lifetimes)
    if (lifetimes === undefined) return httpApp
    const request = Context.getUnsafe(fiber.context, HttpServerRequest.HttpServerRequest)
    if (fiber.getRef(CurrentExchange)?.fiber === fiber.id) return httpApp // it is there already
    lifetimes.served(fiber)
    const above = fiber.cache.span
    const span = above?._tag === "Span" && above.kind === "server" ? above : undefined
    const exchange = begin(lifetimes, request, span, fiber.id)
    return traceCurrentScope("request", "request").pipe(
      Effect.andThen(
        HttpEffect.withPreResponseHandler(httpApp, (_, response) =>
          Effect.sync(() => returned(lifetimes, exchange, response)),
        ),
      ),
      Effect.onExit((exit) => Effect.sync(() => end(lifetimes, exchange, exit))),
      Effect.provideService(CurrentExchange, exchange),
    )
  }),
)

const pathOf = (url: string): string => url.split(/[?#]/, 1)[0] ?? "/"

const begin = (
  lifetimes: LiveLifetimes,
  request: HttpServerRequest.HttpServerRequest,
  serverSpan: ExchangeRecord["serverSpan"],
  fiber: number,
): ExchangeRecord => {
  const exchange: ExchangeRecord = {
    span: {
      traceId: serverSpan?.traceId ?? makeTraceId(),
      spanId: serverSpan?.spanId ?? makeSpanId(),
    },
    name: serverSpan?.name ?? request.method,
    startedAt: serverSpan ? fromNanos(serverSpan.status.startTime) : lifetimes.now(),
    endedAt: undefined,
    service: lifetimes.service,
    route: `${request.method} ${pathOf(request.url)}`,
    status: undefined,
    contentType: undefined,
    handlerReturnedAt: undefined,
    headSentAt: undefined,
    endedBy: undefined,
    failed: undefined,
    openUntil: undefined,
    failure: undefined,
    handler: undefined,
    scopes: [],
    resources: [],
    consumers: [],
    orphans: [],
    client: undefined,
    serverSpan,
    sampled: serverSpan?.sampled ?? false,
    fiber,
    detached: new DetachedFibers(),
    matches: [],
    marked: 0,
    annotated: false,
    settled: false,
  }
  lifetimes.begun(exchange)
  return exchange
}

/** The last moment before the platform writes the head. */
const returned = (
  lifetimes: LiveLifetimes,
  exchange: ExchangeRecord,
  response: HttpServerResponse.HttpServerResponse,
): HttpServerResponse.HttpServerResponse => {
  exchange.handlerReturnedAt = lifetimes.now()
  exchange.headSentAt = exchange.handlerReturnedAt
  exchange.status = response.status
  exchange.contentType = response.headers["content-type"]
  return response
}

const end = (
  lifetimes: LiveLifetimes,
  exchange: ExchangeRecord,
  exit: Exit.Exit<unknown, unknown>,
): void => {
  exchange.endedAt = lifetimes.now()
  exchange.endedBy = whatEnded(lifetimes, exit)
  exchange.failed = exit._tag === "Failure" && exchange.endedBy === "server"
  takeRoute(exchange)
  lifetimes.review.judge(exchange)
  exchange.annotated = true
  if (exchange.serverSpan !== undefined) annotate(exchange.serverSpan, exchange)
}

/** The router writes the template of the path on the server span; until then the path itself is known. */
export const takeRoute = (exchange: ExchangeRecord): void => {
  const template = exchange.serverSpan?.attributes.get(HTTP_ROUTE)
  if (typeof template !== "string") return
  exchange.route = `${exchange.route.split(" ", 1)[0]} ${template}`
}

const whatEnded = (lifetimes: LiveLifetimes, exit: Exit.Exit<unknown, unknown>): ExchangeEnd => {
  if (isClientAbort(exit)) return "client"
  // Nobody else interrupts a request's fiber than the server that stops.
  return lifetimes.isShuttingDown || isInterrupted(exit) ? "shutdown" : "server"
}

const annotate = (span: Tracer.Span, exchange: ExchangeRecord): void => {
  const event = (name: string, at: Micros | undefined) => {
    if (at !== undefined) span.event(name, toNanos(at))
  }
  event(EXCHANGE_HANDLER_RETURNED, exchange.handlerReturnedAt)
  event(EXCHANGE_HEAD_SENT, exchange.headSentAt)
  if (exchange.endedBy !== undefined) span.attribute(EXCHANGE_ENDED_BY, exchange.endedBy)
  if (exchange.failed === true) span.attribute(EXCHANGE_FAILED, true)
  if (exchange.contentType !== undefined) {
    span.attribute(HTTP_CONTENT_TYPE, [exchange.contentType])
  }
  const [deepest] = exchange.matches
  if (deepest !== undefined) {
    span.attribute(FINDING, deepest.rule)
    span.attribute(FINDING_SEVERITY, deepest.severity)
    span.attribute(FINDING_MESSAGE, deepest.message)
  }
}
