import * as Effect from "effect/Effect"

/** So large that the sockets on the way hold some hundred of them. */
export const largeEvent = "x".repeat(16 * 1024)

/** Sends 60 large events in each batch: 2,400 in half a second. */
export const flood = (send: (event: string) => Effect.Effect<unknown>, batches = 40) =>
  Effect.gen(function* () {
    for (let batch = 0; batch < batches; batch++) {
      for (let event = 0; event < 60; event++) yield* send(largeEvent)
      yield* Effect.sleep("10 millis")
    }
  })

/**
 * The same, and as long again without an event: whatever the process stood still for meanwhile, `slow-consumer` is as
 * much more patient.
 */
export const floodAndWait = (send: (event: string) => Effect.Effect<unknown>) =>
  Effect.flatMap(Effect.timed(flood(send)), ([lasted]) => Effect.sleep(lasted))
