/** Time that passes only while this process runs: on a busy machine, what is not done yet was not late. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

const tickMillis = 20

/** Whatever a tick took longer, the process stood still for. */
const mostMillis = 2 * tickMillis

let ran = 0
let looked = performance.now()

const look = () => {
  const now = performance.now()
  ran += Math.min(now - looked, mostMillis)
  looked = now
}
setInterval(look, tickMillis).unref()

/** For how many milliseconds this process has run. */
export const runMillis = (): number => {
  look()
  return ran
}

/** Waits until the process has run for so long. */
export const running = (millis: number): Effect.Effect<void> =>
  Effect.suspend(() => {
    const end = runMillis() + millis
    const wait: Effect.Effect<void> = Effect.suspend(() => {
      const left = end - runMillis()
      return left > 0 ? Effect.andThen(Effect.sleep(Math.min(left, tickMillis)), wait) : Effect.void
    })
    return wait
  })

/** What the effect gives, if it is done before the process has run for so long. */
export const within = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  millis: number,
): Effect.Effect<Option.Option<A>, E, R> =>
  Effect.raceFirst(Effect.asSome(effect), Effect.as(running(millis), Option.none()))
