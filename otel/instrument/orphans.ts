import type * as Fiber from "effect/Fiber"
import { type DetachedFibers, nameOfFiber, watchOrphan } from "./fibers.ts"
import type { LiveLifetimes } from "./lifetimes.ts"
import { parentSpan } from "./parent-span.ts"
import type { ExchangeRecord, OrphanRecord } from "./records.ts"
import { makeSpanId, makeTraceId } from "./span-id.ts"

/** Records the fibers that outlive what they were started for, an exchange or the program. */
export const orphansOf = (
  lifetimes: LiveLifetimes,
  exchange: ExchangeRecord | undefined,
  detached: DetachedFibers,
  current?: Fiber.Fiber<unknown, unknown>,
): void => {
  for (const [fiber, startedAt] of detached.unowned()) {
    if (fiber === current) continue
    const record: OrphanRecord = {
      span: { traceId: exchange?.span.traceId ?? makeTraceId(), spanId: makeSpanId() },
      parentSpan: parentSpan(exchange, undefined),
      exchange,
      name: nameOfFiber(fiber),
      id: fiber.id,
      startedAt,
      endedAt: undefined,
      isOwned: () => false,
      match: undefined,
    }
    record.isOwned = watchOrphan(fiber, () => ended(lifetimes, record))
    lifetimes.orphans.add(record)
    exchange?.orphans.push(record)
  }
  detached.clear()
}

const ended = (lifetimes: LiveLifetimes, record: OrphanRecord): void => {
  record.endedAt = lifetimes.now()
  if (lifetimes.orphans.delete(record)) lifetimes.ended(record)
}

/** Somebody has come to own it since: it is an orphan no more. */
export const dropOwned = (lifetimes: LiveLifetimes, exchange: ExchangeRecord): void => {
  for (const [index, orphan] of [...exchange.orphans.entries()].reverse()) {
    if (orphan.endedAt !== undefined || !orphan.isOwned()) continue
    exchange.orphans.splice(index, 1)
    lifetimes.orphans.delete(orphan)
  }
}
