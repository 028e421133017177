import type * as Cause from "effect/Cause"
import type * as Exit from "effect/Exit"
import type { SpanReference } from "../../lifetimes/span.ts"
import type { Micros } from "../../lifetimes/time.ts"
import type { AnyFiber, Interruption } from "../effect/fibers.ts"
import { exchangeServedBy } from "./current-exchange.ts"
import type { ExchangeRecord } from "./record.ts"
import type { ClosingScopes } from "./stopping.ts"

/** The exchanges to which interrupts were sent: whoever waits for what an exchange runs is given its interrupt. */
const sentTo = new WeakMap<Cause.Interrupt, SpanReference>()

/**
 * A fiber has been interrupted. It counts as sent to its exchange where that is the fiber that runs the handler or
 * the body, or where one of these did it: what others interrupt, such as a job that is called off, they mean to.
 */
export const noteSent = (fiber: AnyFiber, { reason, by }: Interruption): void => {
  const exchange = reason === undefined ? undefined : exchangeServedBy(fiber)
  if (reason === undefined || exchange === undefined || sentTo.has(reason)) return
  if (isItself(exchange, fiber.id) || isItself(exchange, by)) sentTo.set(reason, exchange.span)
}

const isItself = ({ fiber, body }: ExchangeRecord, one: number | undefined): boolean =>
  one !== undefined && (one === fiber || one === body?.fiber)

/** The other exchange to which the interrupt was sent with which something of this one has ended. */
export const otherInterrupted = (
  { span: { spanId } }: ExchangeRecord,
  exit: Exit.Exit<unknown, unknown>,
): SpanReference | undefined => {
  if (exit._tag === "Success") return undefined
  for (const reason of exit.cause.reasons) {
    const other = reason._tag === "Interrupt" ? sentTo.get(reason) : undefined
    if (other !== undefined && other.spanId !== spanId) return other
  }
  return undefined
}

/** Something of the exchange, or all of it, has ended. While the program stops, all are interrupted in some order. */
export const noteCutOff = (
  { closingScopes }: { readonly closingScopes: ClosingScopes },
  exchange: ExchangeRecord,
  exit: Exit.Exit<unknown, unknown>,
  at: Micros,
): void => {
  const other = closingScopes.areAny ? undefined : otherInterrupted(exchange, exit)
  if (other !== undefined) exchange.cutOff ??= { at, otherTrace: other.traceId }
}
