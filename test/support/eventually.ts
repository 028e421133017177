import { Effect, Schedule } from "effect"

/** Looks again and again until the condition holds; fails with what it saw last after `patience`. */
export const eventually = <A, E, R>(
  look: Effect.Effect<A, E, R>,
  condition: (seen: A) => boolean,
  patience: `${number} seconds` = "5 seconds",
): Effect.Effect<A, E | Error, R> =>
  Effect.suspend(() => {
    let last: A | undefined
    return look.pipe(
      Effect.tap((seen) =>
        Effect.sync(() => {
          last = seen
        }),
      ),
      Effect.repeat({ until: condition, schedule: Schedule.spaced("5 millis") }),
      Effect.timeoutOrElse({
        duration: patience,
        orElse: () => Effect.fail(new Error(`still so after ${patience}: ${JSON.stringify(last)}`)),
      }),
    )
  })
