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

const none: ReadonlyArray<never> = []

const latestRun = Symbol("scopeline/latestRun")

type StreamFiber = Fiber.Fiber<unknown, unknown> & { [latestRun]?: StreamRunRecord | undefined }

/** The fiber runs this stream itself, perhaps inside another stream that it runs. */
export const runsOn = (fiber: StreamFiber, stream: StreamRunRecord): void => {
  stream.enclosing = runningOn(fiber)
  for (const { asking } of stream.enclosing?.readsFrom ?? none) asking.settledOn = undefined
  fiber[latestRun] = stream
}

/** What the fiber began to run last, whether that has ended or not. */
export const latestRunOn = (fiber: StreamFiber): StreamRunRecord | undefined => fiber[latestRun]

/** Forgets what the fiber ran, if all of it has ended. */
export const forgetRuns = (fiber: StreamFiber): void => {
  if (runningOn(fiber) === undefined) fiber[latestRun] = undefined
}

/** Of streams within streams, the innermost one that has not ended. */
const innermost = (stream: StreamRunRecord | undefined): StreamRunRecord | undefined => {
  let current = stream
  while (current !== undefined && current.endedAt !== undefined) current = current.enclosing
  return current
}

const runningOn = (fiber: StreamFiber): StreamRunRecord | undefined => innermost(fiber[latestRun])

/** The traced stream that a fiber works for: it runs the stream itself, or was forked by what runs it. */
export const readerOn = (
  fiber: Fiber.Fiber<unknown, unknown> | undefined,
): StreamRunRecord | undefined =>
  fiber === undefined
    ? undefined
    : (runningOn(fiber) ?? innermost(Context.get(fiber.context, CurrentStream)))

/** The exchange of the stream for which a fiber was forked, even if the stream has ended. */
export const forkedForStreamOf = ({
  context,
}: Fiber.Fiber<unknown, unknown>): StreamRunRecord["exchange"] =>
  Context.get(context, CurrentStream)?.exchange

/**
 * A fiber of the stream resumes with an interrupt that was not sent to it: fiber `by` closed what it asked for
 * or waited for. A stream that ends does that to its own forks, and so does a part of a stream: that does not
 * cut the stream off. A fork passes on what it has met.
 */
export const meetsInterrupt = (
  stream: StreamRunRecord,
  { id }: Fiber.Fiber<unknown, unknown>,
  { by, isShutQueue }: Interruption,
  at: Micros,
): void => {
  const asked = by === id
  // If nothing is known of the sender, a fork passes it on through a queue between the two.
  if (by === undefined && !isShutQueue) return
  if (!asked && by !== undefined && (by === stream.fiber || by === stream.askedOn)) return
  if (asked) stream.askedOn = id
  stream.cutOff = { at, by: asked ? stream.fiber : by }
}

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
