import type * as Tracer from "effect/Tracer"
import { type AnyFiber, isInterrupted, spanOf } from "../effect/fibers.ts"
import { isDefinition, type StackFrame } from "../effect/stack-frames.ts"
import { readerOn } from "./current-stream.ts"
import type { ExchangeRecord } from "./record.ts"

/** A property of the span, and no WeakMap: each request would make an entry, which costs more to collect. */
const exchange = Symbol("scopeline/exchange")

interface ExchangeMark {
  [exchange]?: ExchangeRecord
}

/** The exchange of this server span. */
export const startExchange = (span: Tracer.Span & ExchangeMark, started: ExchangeRecord): void => {
  span[exchange] = started
}

/** The exchange that a span serves, if it is the server span of one. */
export const exchangeServedUnder = (
  span: Tracer.Span & ExchangeMark,
): ExchangeRecord | undefined => {
  const known = span[exchange]
  return known?.serverSpan === span ? known : undefined
}

/** The exchange that a fiber works for, even after the exchange has ended: its span is above the fiber's. */
export const exchangeServedBy = (fiber: AnyFiber): ExchangeRecord | undefined =>
  exchangeAbove(spanOf(fiber)) ?? readerOn(fiber)?.exchange

/** The exchange that owns what a fiber begins now. A fork that outlives its exchange has none. */
export const exchangeOf = (fiber: AnyFiber): ExchangeRecord | undefined => {
  const served = exchangeServedBy(fiber)
  return served?.completed === true ? undefined : served
}

/** The exchange whose handler runs on this fiber, and has not returned. */
export const handlerOn = (fiber: AnyFiber): ExchangeRecord | undefined => {
  const exchange = exchangeOf(fiber)
  return exchange?.fiber === fiber.id && exchange.handlerReturnedAt === undefined
    ? exchange
    : undefined
}

/** The exchange whose body runs on this fiber, and cleans up because its client has left. */
export const leftBodyOn = (fiber: AnyFiber): ExchangeRecord | undefined => {
  const exchange = exchangeServedBy(fiber)
  return exchange?.fiber === fiber.id && isInterrupted(fiber) ? exchange : undefined
}

/**
 * A handler without a name has only the frame of the request, which is no place in the code. A function may be called
 * like the request: that of a call often is.
 */
export const frameWithin = (
  frame: StackFrame | undefined,
  exchange: ExchangeRecord | undefined,
): StackFrame | undefined =>
  exchange !== undefined && frame?.name === exchange.serverSpan.name && !isDefinition(frame.parent)
    ? undefined
    : frame

const exchangeAbove = (
  span: (Tracer.Span & ExchangeMark) | Tracer.ExternalSpan | undefined,
): ExchangeRecord | undefined => {
  if (span === undefined || span._tag === "ExternalSpan") return undefined
  const known = span[exchange]
  if (known !== undefined || span.parent._tag === "None") return known
  const found = exchangeAbove(span.parent.value)
  if (found !== undefined) span[exchange] = found
  return found
}
