import * as Context from "effect/Context"
import type * as Fiber from "effect/Fiber"
import type { Micros } from "../../lifetimes/time.ts"
import type { Interruption } from "../effect/fibers.ts"
import type { StreamRunRecord } from "./record.ts"

/** The traced stream for which a fiber was forked. */
export const CurrentStream = Context.Reference<StreamRunRecord | undefined>(
  "scopeline/CurrentStream",
  { defaultValue: () => undefined },
)

const latestRun = Symbol("scopeline/latestRun")

type StreamFiber = Fiber.Fiber<unknown, unknown> & { [latestRun]?: StreamRunRecord }

/** The fiber runs this stream itself, perhaps inside of another that it runs. */
export const runsOn = (fiber: StreamFiber, stream: StreamRunRecord): void => {
  stream.enclosing = runningOn(fiber)
  fiber[latestRun] = stream
}

/** What the fiber began to run last, whether that has ended or not. */
export const latestRunOn = (fiber: StreamFiber): StreamRunRecord | undefined => fiber[latestRun]

/** Of streams within streams the innermost that has not ended. */
const innermost = (stream: StreamRunRecord | undefined): StreamRunRecord | undefined => {
  let current = stream
  while (current !== undefined && current.endedAt !== undefined) current = current.enclosing
  return current
}

const runningOn = (fiber: StreamFiber): StreamRunRecord | undefined => innermost(fiber[latestRun])

/** The traced stream that a fiber works for: running it itself, or as a fork of what runs it. */
export const readerOn = (
  fiber: Fiber.Fiber<unknown, unknown> | undefined,
): StreamRunRecord | undefined =>
  fiber === undefined
    ? undefined
    : (runningOn(fiber) ?? innermost(Context.get(fiber.context, CurrentStream)))

/** The exchange for a stream of which a fiber was forked, also where that has ended. */
export const forkedForStreamOf = ({
  context,
}: Fiber.Fiber<unknown, unknown>): StreamRunRecord["exchange"] =>
  Context.get(context, CurrentStream)?.exchange

/**
 * A fiber that works for the stream goes on with an interrupt which it did not receive itself: what it
 * asked for, or what it waited for until `by` took it away, is there no more. A stream that ends, or a part
 * of one, does that to its own forks, and is not cut off by it; and a fork passes on what it has met.
 */
export const meetsInterrupt = (
  stream: StreamRunRecord,
  { id }: Fiber.Fiber<unknown, unknown>,
  { by, isShutQueue }: Interruption,
  at: Micros,
): void => {
  const asked = by === id
  // Of whom nothing is known it is passed on by a fork, through a queue between the two.
  if (by === undefined && !isShutQueue) return
  if (!asked && by !== undefined && (by === stream.fiber || by === stream.askedOn)) return
  if (asked) stream.askedOn = id
  stream.cutOff = { at, by: asked ? stream.fiber : by }
}

const none: ReadonlyArray<never> = []

/** The stream takes nothing any more: what waits from now on is nobody's backlog. */
export const stopsReading = (stream: StreamRunRecord): void => {
  const { readsFrom, exchange } = stream
  for (const queue of exchange?.queues ?? none) queue.stopsReading(stream)
  for (const subscription of readsFrom) {
    if (subscription.unread || subscription.readers.size > 1) continue
    subscription.takeStock()
    subscription.unread = true
  }
}
