/*
 * `internal/effect.ts`, `wallTimeNanos`: Effect's own clock is the monotonic clock plus its distance from the
 * wall clock. Effect measures this distance again when the two differ by more than a second.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import { fromNanos, type Micros } from "../../lifetimes/time.ts"

/** Effect's own clock, unless a program or a test provides another. */
const ownClock = Context.get(Context.empty(), Clock.Clock)

/** Whether time passes by itself. */
export const isOwnClock = (clock: Clock.Clock): boolean => clock === ownClock

/** Effect's clock is asked again after so many milliseconds. */
const askedAgain = 10

/** The first answers are slow, because nothing is compiled yet. */
const askedAtFirst = 3

/** Less than the difference at which Effect sets its clock again, and more than one look may take. */
const mostDelay: Micros = 500_000

/**
 * Tells the time by a clock. Effect's own clock counts in bigints and is ten times as slow as the platform's.
 * So we only ask it how far it is ahead. Time never goes back, unless the wall clock was set.
 */
export const momentsOf = (clock: Clock.Clock): (() => Micros) => {
  if (!isOwnClock(clock)) return () => fromNanos(clock.currentTimeNanosUnsafe())
  const ticks = () => performance.now() * 1000
  let askedAt = Number.NEGATIVE_INFINITY
  let ahead = Number.POSITIVE_INFINITY
  let latest: Micros = 0
  const ask = (now: number) => {
    askedAt = now
    const answered = Number(clock.currentTimeNanosUnsafe()) / 1000 - now
    // A process that is held up between the two looks sees a larger distance than there is.
    ahead = answered < ahead || answered - ahead > mostDelay ? answered : ahead
  }
  for (let asked = 0; asked < askedAtFirst; asked++) ask(ticks())
  return () => {
    const now = ticks()
    if (now - askedAt > askedAgain * 1000 || now < askedAt) ask(now)
    const moment = Math.floor(now + ahead)
    if (moment > latest || latest - moment > mostDelay) latest = moment
    return latest
  }
}
