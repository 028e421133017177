import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

const micro = 1_000n

/** The clock of this machine, but no two who ask are told the same microsecond: times are in the order of asking. */
export const strictClock: Effect.Effect<Clock.Clock> = Effect.map(Clock.Clock, (clock) => {
  let last = 0n
  const nanos = (): bigint => {
    const now = (clock.currentTimeNanosUnsafe() / micro) * micro
    last = now > last ? now : last + micro
    return last
  }
  return {
    currentTimeNanosUnsafe: nanos,
    currentTimeNanos: Effect.sync(nanos),
    currentTimeMillisUnsafe: () => clock.currentTimeMillisUnsafe(),
    currentTimeMillis: clock.currentTimeMillis,
    monotonicTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe(),
    monotonicTimeNanos: clock.monotonicTimeNanos,
    sleep: (duration) => clock.sleep(duration),
  }
})
