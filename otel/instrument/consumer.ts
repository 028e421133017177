import * as Context from "effect/Context"
import type * as Fiber from "effect/Fiber"
import type { ConsumerRecord } from "./records.ts"

/** The traced stream for which a fiber was forked. */
export const CurrentConsumer = Context.Reference<ConsumerRecord | undefined>(
  "scopeline/CurrentConsumer",
  { defaultValue: () => undefined },
)

const runs = new WeakMap<Fiber.Fiber<unknown, unknown>, ConsumerRecord>()

/** The fiber runs this stream itself. Of streams within streams the innermost counts. */
export const runsOn = (fiber: Fiber.Fiber<unknown, unknown>, consumer: ConsumerRecord): void => {
  const running = runs.get(fiber)
  if (running === undefined || running.endedAt !== undefined) runs.set(fiber, consumer)
}

/** The traced stream that a fiber works for: as the fork of one, or running it itself. */
export const readerOn = (
  fiber: Fiber.Fiber<unknown, unknown> | undefined,
): ConsumerRecord | undefined =>
  fiber === undefined ? undefined : (fiber.getRef(CurrentConsumer) ?? runs.get(fiber))
