import * as Context from "effect/Context"
import type * as Fiber from "effect/Fiber"
import type { Micros } from "../lifetimes/time.ts"
import type { ConsumerRecord } from "./records.ts"

/** The traced stream for which a fiber was forked. */
export const CurrentConsumer = Context.Reference<ConsumerRecord | undefined>(
  "scopeline/CurrentConsumer",
  { defaultValue: () => undefined },
)

const latestRun = Symbol("scopeline/latestRun")

type Running = Fiber.Fiber<unknown, unknown> & { [latestRun]?: ConsumerRecord }

/** The fiber runs this stream itself, perhaps inside of another that it runs. */
export const runsOn = (fiber: Running, consumer: ConsumerRecord): void => {
  consumer.enclosing = runningOn(fiber)
  fiber[latestRun] = consumer
}

/** Of streams within streams the innermost that has not ended. */
const innermost = (consumer: ConsumerRecord | undefined): ConsumerRecord | undefined => {
  let current = consumer
  while (current !== undefined && current.endedAt !== undefined) current = current.enclosing
  return current
}

const runningOn = (fiber: Running): ConsumerRecord | undefined => innermost(fiber[latestRun])

/** The traced stream that a fiber works for: running it itself, or as a fork of what runs it. */
export const readerOn = (
  fiber: Fiber.Fiber<unknown, unknown> | undefined,
): ConsumerRecord | undefined =>
  fiber === undefined ? undefined : (runningOn(fiber) ?? innermost(fiber.getRef(CurrentConsumer)))

/**
 * A fiber that works for the stream goes on with an interrupt which it did not receive itself: what it
 * asked for, or what it waited for until `by` took it away, is there no more. A stream that ends, or a part
 * of one, does that to its own forks, and is not cut off by it; and a fork passes on what it has met.
 */
export const meetsInterrupt = (
  consumer: ConsumerRecord,
  { id }: Fiber.Fiber<unknown, unknown>,
  by: number | undefined,
  at: Micros,
): void => {
  const asked = by === id
  if (!asked && (by === consumer.fiber || by === consumer.askedOn)) return
  if (asked) consumer.askedOn = id
  consumer.cutOff = { at, by: asked ? consumer.fiber : by }
}

/** The stream takes nothing any more: what waits from now on is nobody's backlog. */
export const stopsReading = ({ readsFrom }: ConsumerRecord): void => {
  if (readsFrom.length === 0) return
  for (const resource of readsFrom) {
    if (resource.settled || resource.readers.size > 1) continue
    resource.takeStock()
    resource.settled = true
  }
}
