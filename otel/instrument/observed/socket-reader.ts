import { isSocket } from "../../lifetimes/spans/exchange-name.ts"
import { type AnyFiber, onLost } from "../effect/fibers.ts"
import { exchangeServedBy } from "../records/current-exchange.ts"
import { exitKind, failureOf } from "../records/exit.ts"
import { failureOfFiber } from "../records/feeders.ts"
import type { SubscriptionRecord } from "../records/record.ts"
import type { LifetimeRegistry } from "../records/registry.ts"

interface Reader {
  readonly fiber: AnyFiber
  /** Stops watching it: several fibers may take turns for days. */
  stopWatching: () => void
}

const latest = new WeakMap<SubscriptionRecord, Reader>()

/** The error of a fiber that writes to a closed connection. */
const closed = "SocketError"

/** A WebSocket has no body: one of its fibers passes on what it reads, and may fail while nobody awaits it. */
export const noteSocketReader = (
  registry: LifetimeRegistry,
  record: SubscriptionRecord,
  fiber: AnyFiber | undefined,
): void => {
  const { exchange } = record
  if (fiber === undefined || exchange === undefined || !isSocket(exchange.route)) return
  const before = latest.get(record)
  if (before?.fiber === fiber) return
  before?.stopWatching()
  const reader: Reader = { fiber, stopWatching: () => {} }
  latest.set(record, reader)
  if (record.readerFailed !== undefined) {
    record.readerFailed = undefined
    registry.later(exchange)
  }
  if (fiber.id === exchange.fiber || exchangeServedBy(fiber) !== exchange) return
  const failed = failureOfFiber(fiber)
  reader.stopWatching = onLost(fiber, (exit) => {
    const failure = failureOf(exit)
    if (exitKind(exit) !== "failure" || failure === undefined || failure.type === closed) return
    if (record.endedAt !== undefined || record.isAwaited()) return
    if (exchange.completed || registry.isStopping) return
    record.readerFailed = failed(registry.now(), failure.message)
    registry.later(exchange)
  })
}
