import * as Effect from "effect/Effect"

let waiting: Array<(effect: Effect.Effect<void>) => void> = []

const resumeAll = () => {
  const resumes = waiting
  waiting = []
  for (const resume of resumes) resume(Effect.void)
}

/** Waits until this turn of the event loop has handled what came in. All who wait share one timer. */
export const endOfTurn: Effect.Effect<void> = Effect.callback((resume) => {
  if (waiting.push(resume) === 1) setImmediate(resumeAll)
})
