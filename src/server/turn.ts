import * as Effect from "effect/Effect"

/** In milliseconds. */
const longestWait = 1

/**
 * Makes what lets those who come at about the same time go on together: at the end of the turn of the event loop in
 * which they came. Where several came last time, the first of them waits until as many have come again, but not for
 * long: publishers that each wait for an answer come in waves, of which one comes first.
 */
export const makeTurns = (): Effect.Effect<void> => {
  let waiting: Array<(effect: Effect.Effect<void>) => void> = []
  let lastTime = 1
  let timer: NodeJS.Timeout | undefined

  const resumeAll = () => {
    const resumes = waiting
    waiting = []
    lastTime = resumes.length
    for (const resume of resumes) resume(Effect.void)
  }

  return Effect.callback((resume) => {
    const came = waiting.push(resume)
    if (came === lastTime) {
      clearTimeout(timer)
      setImmediate(resumeAll)
    } else if (came === 1) timer = setTimeout(resumeAll, longestWait)
  })
}
