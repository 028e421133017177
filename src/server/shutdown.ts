import type { Server } from "node:http"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type { Lifetimes } from "../../otel/index.ts"
import type { Bus } from "./bus.ts"

/** How long clients may take to read the end of their streams. */
const drain = "1 second"

/**
 * Stops accepting, ends every stream through the bus, so that clients see an end and not a reset, and
 * waits for the connections to close. What has not closed by then is cut off.
 */
export const closeGracefully = Effect.fnUntraced(function* (
  node: Server,
  bus: Bus["Service"],
  lifetimes: Lifetimes["Service"],
) {
  lifetimes.beginShutdown()
  const closed = Effect.callback<void>((resume) => {
    node.close(() => resume(Effect.void))
  })
  // A connection that is kept alive becomes idle only when its stream has ended.
  const closeIdle = Effect.sync(() => node.closeIdleConnections()).pipe(
    Effect.repeat(Schedule.spaced("10 millis")),
  )
  yield* Effect.raceFirst(closed, Effect.andThen(bus.end, closeIdle)).pipe(
    Effect.timeoutOption(drain),
  )
  node.closeAllConnections()
})
