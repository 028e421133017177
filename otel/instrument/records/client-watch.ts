/*
 * How platforms say that a client has left. Node.js closes the `socket` of the request, and HTTP/2 its
 * `stream`. Bun 1.3.14 never closes the response, and emits `aborted` on the request. A web `Request` aborts
 * its `signal`.
 */
import * as Exit from "effect/Exit"
import type { Micros } from "../../lifetimes/time.ts"
import { type AnyFiber, interruptOf } from "../effect/fibers.ts"
import { harmlessly } from "../harmlessly.ts"
import { isClientAbort } from "./exit.ts"
import type { ExchangeRecord } from "./record.ts"

interface Observer {
  readonly now: () => Micros
  /** Something new is known about the exchange. */
  readonly later: (exchange: ExchangeRecord) => void
}

/** Notes when the client of an exchange leaves while its body runs: the platform may not tell Effect. */
export const watchClient = (
  observer: Observer,
  exchange: ExchangeRecord,
  source: object,
  fiber: AnyFiber,
): void => {
  /** In most cases Effect hears of it in the same turn, and there is nothing to judge before the end. */
  const look = () => {
    if (exchange.endedAt !== undefined) return
    noteLeave(exchange, observer.now())
    if (exchange.leaveSeenAt === undefined) observer.later(exchange)
  }
  const left = () => {
    if (exchange.endedAt !== undefined || exchange.body?.endedAt !== undefined) return
    exchange.clientLeftAt ??= observer.now()
    queueMicrotask(() => harmlessly(look, undefined))
  }
  const stop = whenClientLeaves(source, () => harmlessly(left, undefined))
  exchange.clientWatch = { fiber, stop, unseenAt: undefined }
}

/**
 * Notes whether Effect has been told that the client has left. We do not know when that was between two looks:
 * it counts as unseen until the first look that finds it.
 */
export const noteLeave = (exchange: ExchangeRecord, now: Micros): void => {
  const { clientWatch, clientLeftAt, leaveSeenAt } = exchange
  if (clientWatch === undefined || clientLeftAt === undefined || leaveSeenAt !== undefined) return
  if (isTold(exchange, clientWatch.fiber)) {
    exchange.leaveSeenAt = clientWatch.unseenAt ?? clientLeftAt
  } else {
    clientWatch.unseenAt = now
  }
}

const isTold = (exchange: ExchangeRecord, fiber: AnyFiber): boolean => {
  const interrupt = interruptOf(fiber)
  if (interrupt === undefined) return false
  // A fiber other than the request's that pulls a body does so for the client.
  return fiber.id !== exchange.fiber || isClientAbort(Exit.failCause(interrupt))
}

/** The exchange is over: remove everything from a connection that other exchanges use next. */
export const stopWatching = (exchange: ExchangeRecord, now: Micros): void => {
  noteLeave(exchange, now)
  exchange.clientWatch?.stop()
  exchange.clientWatch = undefined
}

/** Interrupting its fiber calls off a call. The fiber resumes with that interrupt, and cleans up. */
export const noteCalledOff = (
  observer: Observer,
  exchange: ExchangeRecord | undefined,
  fiber: AnyFiber,
): void => {
  if (exchange?.isCall !== true || exchange.fiber !== fiber.id) return
  if (exchange.clientLeftAt !== undefined || exchange.endedAt !== undefined) return
  const interrupt = interruptOf(fiber)
  if (interrupt === undefined || !isClientAbort(Exit.failCause(interrupt))) return
  exchange.clientLeftAt = observer.now()
  exchange.leaveSeenAt = exchange.clientLeftAt
  observer.later(exchange)
}

type Listen = (event: string, listener: () => void) => unknown

interface Emitter {
  readonly prependListener: Listen
  readonly removeListener: Listen
}

const isEmitter = (value: unknown): value is Emitter =>
  typeof value === "object" &&
  value !== null &&
  "prependListener" in value &&
  typeof value.prependListener === "function" &&
  "removeListener" in value &&
  typeof value.removeListener === "function"

/** We are called before anybody else, so that it is known when the exchange ends because of it. */
const whenClientLeaves = (source: object, left: () => void): (() => void) => {
  if (isEmitter(source)) {
    const connection = connectionOf(source)
    if (connection !== undefined && !isBun) return listen(connection, "close", left)
    const stop = connection && listen(connection, "close", left)
    const stopAborted = listen(source, "aborted", left)
    return () => {
      stop?.()
      stopAborted()
    }
  }
  const signal = "signal" in source ? source.signal : undefined
  if (!(signal instanceof AbortSignal)) return () => {}
  if (signal.aborted) left()
  else signal.addEventListener("abort", left)
  return () => signal.removeEventListener("abort", left)
}

const isBun = "Bun" in globalThis

const listen = (emitter: Emitter, event: string, listener: () => void): (() => void) => {
  emitter.prependListener(event, listener)
  return () => emitter.removeListener(event, listener)
}

const connectionOf = (source: object): Emitter | undefined => {
  if ("stream" in source && isEmitter(source.stream)) return source.stream
  return "socket" in source && isEmitter(source.socket) ? source.socket : undefined
}
