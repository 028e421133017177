import * as Effect from "effect/Effect"
import { onSignals } from "./run-until-stopped.ts"

/** Ends when the process is asked to stop. A second request stops the process at once. */
export const stopRequested: Effect.Effect<void> = Effect.callback((resume) => {
  const stopListening = onSignals(() => resume(Effect.void))
  return Effect.sync(stopListening)
})
