import type * as Fiber from "effect/Fiber"
import { judgeProgram } from "../../lifetimes/judge.ts"
import type { CodeLocation } from "../../lifetimes/model.ts"
import { stalledSince } from "../../lifetimes/stalled-since.ts"
import type { Micros } from "../../lifetimes/time.ts"
import { type AnyFiber, observersOf, onEnd } from "../effect/fibers.ts"
import { setFunction } from "../effect/properties.ts"
import { isClosed } from "../effect/scopes.ts"
import { definitionOf } from "../effect/stack-frames.ts"
import { frameWithin } from "./current-exchange.ts"
import { type Birth, type DetachedFibers, nameOfFiber, ownFrame } from "./detached-fibers.ts"
import type { ExchangeRecord, OrphanRecord } from "./record.ts"
import { makeSpanId, makeTraceId, parentSpan } from "./record-span.ts"
import type { Review } from "./review.ts"
import type { Standstills } from "./standstills.ts"

/** What the registry has to do with them. */
export interface OrphanRegistry {
  readonly service: string
  readonly orphans: Set<OrphanRecord>
  readonly review: Pick<Review, "grace">
  readonly standstills: Pick<Standstills, "since">
  readonly now: () => Micros
  readonly ended: (orphan: OrphanRecord) => void
}

/** Records the fibers that outlive the exchange or the program for which they were started. */
export const orphansOf = (
  registry: OrphanRegistry,
  exchange: ExchangeRecord | undefined,
  detached: DetachedFibers,
  current?: Fiber.Fiber<unknown, unknown>,
): void => {
  if (detached.size === 0) return
  for (const [fiber, birth] of detached.unowned()) {
    if (fiber === current || (exchange !== undefined && isSurrounded(birth))) continue
    const record = recordOrphan(registry, exchange, fiber, birth)
    setFunction(record, "isOwned", () => observersOf(fiber) > 0)
  }
  detached.release()
}

export const recordOrphan = (
  registry: OrphanRegistry,
  exchange: ExchangeRecord | undefined,
  fiber: AnyFiber,
  birth: Birth,
  ending?: (record: OrphanRecord) => void,
): OrphanRecord => {
  const record: OrphanRecord = {
    kind: "fiber",
    span: { traceId: exchange?.span.traceId ?? makeTraceId(), spanId: makeSpanId() },
    parentSpan: parentSpan(exchange, undefined),
    exchange,
    name: nameOfFiber(fiber, birth),
    code: codeOfFiber(fiber, birth, exchange),
    isForkedThere: frameWithin(birth.inherited, exchange) !== undefined,
    id: fiber.id,
    startedAt: birth.at,
    endedAt: undefined,
    fedUnreadAt: undefined,
    stalled: undefined,
    pile: undefined,
    get left() {
      return record.pile === undefined || record.pile.isClosed ? 0 : record.pile.exchanges
    },
    stopped: false,
    isOwned: () => false,
    currentName: () => nameOfFiber(fiber, birth),
    match: undefined,
  }
  onEnd(fiber, () => {
    ending?.(record)
    ended(registry, record)
  })
  registry.orphans.add(record)
  exchange?.orphans.push(record)
  return record
}

/** Where in the code a fiber was forked. If no other fiber forked it, where its function is defined. */
export const codeOfFiber = (
  fiber: AnyFiber,
  birth: Birth,
  exchange?: ExchangeRecord,
): CodeLocation | undefined =>
  definitionOf(
    frameWithin(birth.inherited, exchange) ?? frameWithin(ownFrame(fiber, birth), exchange),
  )

/**
 * It was started in a scope that is open although its exchange is over: for something that only began to live
 * with that scope, such as a pool, and whose finalizers end the fiber.
 */
const isSurrounded = ({ scope }: Birth): boolean => scope !== undefined && !isClosed(scope)

const ended = (registry: OrphanRegistry, record: OrphanRecord): void => {
  record.endedAt = registry.now()
  record.stalled = registry.standstills.since(record.startedAt, record.endedAt)
  if (!registry.orphans.delete(record)) return
  const { exchange } = record
  if (exchange === undefined || hasOutlived(record, exchange, registry.review.grace)) {
    registry.ended(record)
  } else exchange.orphans.splice(exchange.orphans.indexOf(record), 1)
}

/** Fibers that end in time are not reported. */
const hasOutlived = (
  fiber: OrphanRecord,
  { endedAt: exchangeEnd = fiber.startedAt }: ExchangeRecord,
  grace: Micros,
): boolean => {
  const { startedAt, endedAt = startedAt } = fiber
  const alone = Math.max(exchangeEnd, startedAt)
  return endedAt - alone > grace + stalledSince(alone, fiber)
}

/**
 * A fiber that has an owner by now is no orphan any more. One without an owner may have gone on to its real
 * work.
 */
export const reviewOrphans = (
  registry: OrphanRegistry,
  exchange: ExchangeRecord,
  now: Micros,
): void => {
  if (exchange.orphans.length === 0) return
  for (const [index, orphan] of [...exchange.orphans.entries()].reverse()) {
    if (orphan.endedAt !== undefined) continue
    orphan.name = orphan.currentName()
    orphan.stalled = registry.standstills.since(orphan.startedAt, now)
    if (!orphan.isOwned()) continue
    exchange.orphans.splice(index, 1)
    registry.orphans.delete(orphan)
  }
}

/** The program has stopped: the findings about the fibers that it left behind. */
export const judgeOrphans = (registry: OrphanRegistry): void => {
  const { service, review } = registry
  const orphans = [...registry.orphans].filter(({ exchange }) => exchange === undefined)
  const now = registry.now()
  const program = { service, endedAt: now, orphans, cutOff: undefined }
  const matches = judgeProgram(program, { now, grace: review.grace, final: true })
  for (const orphan of orphans) {
    orphan.match = matches.find(({ spanIds }) => spanIds.includes(orphan.span.spanId))
  }
}
