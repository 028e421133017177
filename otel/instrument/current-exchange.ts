import type * as Tracer from "effect/Tracer"
import { readerOn } from "./consumer.ts"
import type { AnyFiber } from "./effect-internals.ts"
import type { ExchangeRecord } from "./records.ts"

const exchanges = new WeakMap<Tracer.AnySpan, ExchangeRecord>()

/** The exchange of which this is the server span. */
export const startExchange = (span: Tracer.AnySpan, exchange: ExchangeRecord): void => {
  exchanges.set(span, exchange)
}

/** The exchange that a span serves, if it is the server span of one. */
export const exchangeServedUnder = (span: Tracer.AnySpan): ExchangeRecord | undefined => {
  const exchange = exchanges.get(span)
  return exchange?.serverSpan === span ? exchange : undefined
}

/** The exchange that a fiber works for, also after that has ended: its span is above the fiber's. */
export const exchangeServedBy = (fiber: AnyFiber): ExchangeRecord | undefined =>
  exchangeAbove(fiber.cache.span) ?? readerOn(fiber)?.exchange

/** The exchange to which what a fiber begins now belongs. A fork that outlives it is on its own. */
export const exchangeOf = (fiber: AnyFiber): ExchangeRecord | undefined => {
  const exchange = exchangeServedBy(fiber)
  return exchange?.settled === true ? undefined : exchange
}

const exchangeAbove = (span: Tracer.AnySpan | undefined): ExchangeRecord | undefined => {
  if (span === undefined) return undefined
  const known = exchanges.get(span)
  if (known !== undefined || span._tag === "ExternalSpan" || span.parent._tag === "None") {
    return known
  }
  const found = exchangeAbove(span.parent.value)
  if (found !== undefined) exchanges.set(span, found)
  return found
}
