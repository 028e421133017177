import type * as Exit from "effect/Exit"
import type { AnyFiber } from "../effect/fibers.ts"
import { exchangeServedBy } from "../records/current-exchange.ts"
import { exitKind } from "../records/exit.ts"
import type { ExchangeRecord, MetQueue } from "../records/record.ts"
import type { LifetimeRegistry } from "../records/registry.ts"

/** The queues that calls met last, and that had been taken away. */
const met = new WeakMap<ExchangeRecord, MetQueue>()

/** A call has no separate stream: what its own fiber meets may end it. */
export const noteRefusedCall = (fiber: AnyFiber, queue: MetQueue): void => {
  const exchange = exchangeServedBy(fiber)
  if (exchange?.isCall === true && exchange.fiber === fiber.id) met.set(exchange, queue)
}

/** A call that ends later than this after meeting the queue has gone on without it: 1 s. */
const soon = 1_000_000

/**
 * The server has ended a call. If the call has met a queue that a scope had taken away, it ended because of
 * that.
 */
export const cutOffByQueue = (
  registry: LifetimeRegistry,
  exchange: ExchangeRecord,
  exit: Exit.Exit<unknown, unknown>,
): void => {
  const queue = exchange.isCall ? met.get(exchange) : undefined
  if (queue === undefined || exchange.cutOff !== undefined || registry.isStopping) return
  if (exitKind(exit) !== "interrupt" || registry.now() - queue.at > soon) return
  const { at, scope, by, isLeaving } = queue.end
  if (scope === undefined) return
  const owner = isLeaving ? by : (scope.exchange ?? by)
  if (owner === exchange && scope.role === "request") return
  registry.name(scope)
  exchange.cutOff = {
    at,
    otherTrace: owner === undefined || owner === exchange ? undefined : owner.span.traceId,
    by: {
      name: scope.name,
      span: scope.span,
      belongsTo:
        owner === exchange
          ? "this exchange"
          : isLeaving || scope.exchange !== undefined
            ? "another exchange"
            : "the program",
    },
    get code() {
      return scope.code
    },
  }
}
