import { counted } from "../../counted.ts"
import type { Exchange, Scope, StreamRun } from "../../model.ts"
import { ranStream } from "../../relations.ts"
import { type Micros, timesSince } from "../../time.ts"

/** How the stream ended, and what its client saw of that. */
export const outcome = (exchange: Exchange, stream: StreamRun, streamEnd: Micros): string => {
  const ended = timesSince(exchange.startedAt).text(streamEnd)
  if (stream.endedBy === "client" || stream.endedBy === "shutdown") {
    return `nothing came from it any more, and the stream ran on until ${ended}`
  }
  const clean = exchange.endedBy === "server" && exchange.failed !== true
  return (
    `the stream ended at ${ended} after ${counted(stream.events, "event")}` +
    (clean ? ", and its client saw a clean end" : "")
  )
}

/** What it read had come to an end. A merge of several parts then ends on the interrupt of one of them. */
export const endedWithSource = ({ endedBy, exit }: StreamRun): boolean =>
  endedBy === "upstream" || (endedBy === "failure" && exit === "interrupt")

/** Another fiber closed it after the handler had returned: that may be its very purpose. */
export const isDeliberate = (exchange: Exchange, { closedAt, closedByFiber }: Scope): boolean =>
  exchange.handlerReturnedAt !== undefined &&
  closedAt !== undefined &&
  closedAt > exchange.handlerReturnedAt &&
  closedByFiber !== undefined &&
  !ranStream(exchange, closedByFiber)

/**
 * The fiber of the stream was closing the scope when the stream ended: the stream was finished, and cleaned up.
 */
export const isClosedAtEnd = (
  { fiber, startedAt, endedAt }: StreamRun,
  closer: Scope | undefined,
): boolean =>
  closer?.closedAt !== undefined &&
  closer.closedByFiber === fiber &&
  closer.closedAt > startedAt &&
  (closer.endedAt === undefined || (endedAt !== undefined && endedAt <= closer.endedAt))

/**
 * The scope was forked so that it can be closed by itself, and such a fiber did that: a stream may end after a
 * time.
 */
export const isClosedOnPurpose = (exchange: Exchange, closer: Scope | undefined): boolean =>
  closer?.role === "connection" && isDeliberate(exchange, closer)
