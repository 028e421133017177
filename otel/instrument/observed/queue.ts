import type { StreamEnd } from "../../lifetimes/terms.ts"
import type { AnyFiber } from "../effect/fibers.ts"
import { type AnyQueue, whenAsked } from "../effect/meeting-queues.ts"
import { definitionOf, frameOf } from "../effect/stack-frames.ts"
import {
  exchangeOf,
  exchangeServedBy,
  frameWithin,
  handlerOn,
} from "../records/current-exchange.ts"
import { readerOn } from "../records/current-stream.ts"
import type { QueueEnd, ScopeRecord, StreamRunRecord } from "../records/record.ts"
import type { LifetimeRegistry } from "../records/registry.ts"
import { endedWell } from "../records/work-done.ts"
import { noteRefusedCall } from "./call-queue.ts"
import { hasDeliveredLate } from "./late-deliveries.ts"
import { MadeQueue } from "./made-queue.ts"

/** Observes a queue that has just been made for an exchange. */
export const recordQueue = (registry: LifetimeRegistry, fiber: AnyFiber, queue: AnyQueue): void => {
  const exchange = exchangeOf(fiber)
  if (exchange !== undefined && registry.observes.queue) {
    new MadeQueue(registry, fiber, exchange, queue)
  }
}

const ends = new WeakMap<AnyQueue, QueueEnd>()

/** The current fiber shuts it down or interrupts it. While the program stops, nobody needs to know why. */
export const noteTakenAway = (
  registry: LifetimeRegistry,
  fiber: AnyFiber,
  queue: AnyQueue,
): void => {
  if (!registry.observes.queue || registry.isShuttingDown) return
  const { closingScope: scope, cleaningUp: leaving } = registry.finalizing
  const isOnPurpose = scope && leaving === undefined && closesForAll(scope, queue)
  ends.set(queue, {
    at: registry.now(),
    scope: isOnPurpose ? undefined : scope,
    by: leaving ?? exchangeServedBy(fiber),
    isLeaving: leaving !== undefined,
    handler: handlerOn(fiber),
    frame: frameOf(fiber),
  })
}

/**
 * A scope that another exchange closes is closed on purpose, such as a session that is ended. So is that of work which
 * is done, and has served the readers of the queue.
 */
const closesForAll = (scope: ScopeRecord, queue: AnyQueue): boolean => {
  const { exchange, closedFor } = scope
  if (exchange !== undefined && closedFor !== exchange) return true
  return endedWell(scope) && hasDeliveredLate(queue)
}

/**
 * How many forks are told apart: a stream that drops every message never sends, and may start a fork for each.
 */
const sendersKept = 256

/**
 * A stream passes what its forks send through a queue. Until it has sent something, we note whose queue that
 * is.
 */
export const noteSenders = (fiber: AnyFiber, queue: AnyQueue): void => {
  const stream = readerOn(fiber)
  if (stream === undefined || stream.firstEventAt !== undefined) return
  whenAsked(queue, ({ id }) => {
    if (stream.firstEventAt !== undefined) return false
    if (id === stream.fiber) return true
    stream.senders ??= new Set()
    stream.senders.add(id)
    return stream.senders.size < sendersKept
  })
}

/** A fiber has met a queue that was taken away: its stream may end because of that. */
export const noteRefused = (
  registry: LifetimeRegistry,
  fiber: AnyFiber,
  queue: AnyQueue | undefined,
): void => {
  const end = queue && ends.get(queue)
  if (end === undefined) return
  const met = { end, at: registry.now() }
  const stream = readerOn(fiber)
  if (stream === undefined) noteRefusedCall(fiber, met)
  else stream.metQueue = met
}

/** A stream that ends later than this after meeting the queue has gone on without it: 1 s. */
const soon = 1_000_000

/** How a stream ends that has met a queue which was taken away; `undefined` if the queue did not end it. */
export const endByQueue = (
  registry: LifetimeRegistry,
  stream: StreamRunRecord,
): StreamEnd | undefined => {
  const { metQueue, exchange, exit } = stream
  if (metQueue === undefined || registry.now() - metQueue.at > soon) return undefined
  const { at, scope, by, isLeaving, handler, frame } = metQueue.end
  const onPurpose = exit === "success" ? "upstream" : "failure"
  const isOwn = exchange !== undefined && (isLeaving ? by : (scope?.exchange ?? by)) === exchange
  const isPrograms = !isLeaving && scope?.exchange === undefined
  const wasGone = exchange !== undefined && at < exchange.startedAt
  const isForOthers = !isPrograms && !wasGone && by?.body === undefined
  // The request's own scope closes when all is over. A request that reads nothing made the queue for others.
  const isBlameless = isOwn ? scope?.role === "request" : isForOthers
  if (scope === undefined || isBlameless) {
    stream.shutQueue = {
      at,
      by: undefined,
      byHandler: exchange !== undefined && handler === exchange,
      get code() {
        return definitionOf(frameWithin(frame, by))
      },
    }
    // Nobody ends a stream on purpose before its request has come.
    return isOwn || wasGone ? onPurpose : "upstream"
  }
  stream.shutQueue = {
    at,
    by: {
      name: scope.name,
      span: scope.span,
      belongsTo: isOwn ? "this exchange" : isPrograms ? "the program" : "another exchange",
    },
    byHandler: false,
    get code() {
      return scope.code
    },
  }
  if (isOwn) return "released"
  if (!isPrograms || exchange === undefined) return onPurpose
  if (at >= exchange.startedAt) return "shutdown"
  registry.name(scope)
  return "released"
}
