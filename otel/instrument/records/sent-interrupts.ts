import type * as Cause from "effect/Cause"
import type * as Exit from "effect/Exit"
import type { SpanReference } from "../../lifetimes/span.ts"
import type { Micros } from "../../lifetimes/time.ts"
import type { AnyFiber, Interruption } from "../effect/fibers.ts"
import { makeNotes } from "../effect/properties.ts"
import { exchangeServedBy } from "./current-exchange.ts"
import { exitKind } from "./exit.ts"
import type { ExchangeRecord, ScopeRecord } from "./record.ts"
import type { RunningFinalizers } from "./running-finalizers.ts"

/** What the registry has to do with them. */
interface InterruptRegistry {
  readonly now: () => Micros
  readonly isStopping: boolean
  readonly finalizing: RunningFinalizers
  /** A span names it. */
  readonly name: (scope: ScopeRecord) => void
}

/** Why a fiber was interrupted: together with its exchange, or by a scope that closed. */
interface Sent {
  readonly at: Micros
  readonly exchange: SpanReference | undefined
  readonly scope: ScopeRecord | undefined
}

/** A fiber that waits for another fiber, or for its result, meets the interrupt that was sent to that fiber. */
const sent = makeNotes<Cause.Interrupt, Sent>()

/**
 * A fiber has been interrupted. We note this if a closing scope or an exchange itself did it. Other interrupts
 * are intended, such as calling off a job, or closing its scope.
 */
export const noteSent = (
  registry: InterruptRegistry,
  fiber: AnyFiber,
  { reason, by }: Interruption,
): void => {
  if (reason === undefined || sent.of(reason) !== undefined) return
  const scope = registry.finalizing.closingBy(by) ?? closedAround(registry, fiber, by)
  const isRequest = scope?.role === "request"
  if (scope !== undefined && !isRequest && scope.closedFor !== scope.exchange) return
  const exchange = scope === undefined ? exchangeItself(fiber, by) : scope.exchange
  if (scope === undefined && exchange === undefined) return
  sent.add(reason, {
    at: registry.now(),
    exchange: exchange?.span,
    scope: isRequest ? undefined : scope,
  })
}

/** A FiberMap and similar structures interrupt their fibers without saying who does it. */
const closedAround = (
  registry: InterruptRegistry,
  fiber: AnyFiber,
  by: number | undefined,
): ScopeRecord | undefined => {
  const exchange = by === undefined || by < 0 ? exchangeServedBy(fiber) : undefined
  return exchange && registry.finalizing.closingOf(exchange)
}

/** The exchange whose handler or body the fiber runs, or that interrupted it. */
const exchangeItself = (fiber: AnyFiber, by: number | undefined): ExchangeRecord | undefined => {
  const exchange = exchangeServedBy(fiber)
  if (exchange === undefined) return undefined
  return isItself(exchange, fiber.id) || isItself(exchange, by) ? exchange : undefined
}

const isItself = ({ fiber, body }: ExchangeRecord, one: number | undefined): boolean =>
  one !== undefined && (one === fiber || one === body?.fiber)

/** Whether something of the exchange has ended with an interrupt that was not sent to the whole exchange. */
export const isGivenInterrupt = (
  exchange: ExchangeRecord,
  exit: Exit.Exit<unknown, unknown>,
): boolean => sentElsewhere(exchange, exit) !== undefined

const sentElsewhere = (
  { span: { spanId } }: ExchangeRecord,
  exit: Exit.Exit<unknown, unknown>,
): Sent | undefined => {
  // Others may have been interrupted because this one failed.
  if (exit._tag === "Success" || exitKind(exit) !== "interrupt") return undefined
  for (const reason of exit.cause.reasons) {
    const one = reason._tag === "Interrupt" ? sent.of(reason) : undefined
    if (one === undefined) continue
    // A fiber that is interrupted also closes scopes. Those do not count.
    const isOwn = one.exchange?.spanId === spanId
    if (!isOwn || (one.scope !== undefined && one.scope.exit !== "interrupt")) return one
  }
  return undefined
}

/**
 * A part of the exchange, or all of it, has ended. While the program stops, everything is interrupted, in any
 * order.
 */
export const noteCutOff = (
  registry: InterruptRegistry,
  exchange: ExchangeRecord,
  exit: Exit.Exit<unknown, unknown>,
): void => {
  const found = registry.isStopping ? undefined : sentElsewhere(exchange, exit)
  if (found === undefined || exchange.cutOff !== undefined) return
  const { at, scope } = found
  const isOwn = found.exchange?.spanId === exchange.span.spanId
  if (scope !== undefined) registry.name(scope)
  exchange.cutOff = {
    at,
    otherTrace: isOwn ? undefined : found.exchange?.traceId,
    by: scope && {
      name: scope.name,
      span: scope.span,
      belongsTo:
        scope.exchange === undefined ? "the program" : isOwn ? "this exchange" : "another exchange",
    },
    get code() {
      return scope?.code
    },
  }
}
