/*
 * `internal/effect.ts`, `wallTimeNanos`: Effect's own clock is the monotonic one of the platform and what that was
 * behind the wall clock at first, which is measured again where the two have come apart by more than a second.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import { fromNanos, type Micros } from "../../lifetimes/time.ts"

/** Effect's own clock, unless a program or a test provides another. */
const ownClock = Context.get(Context.empty(), Clock.Clock)

/** Whether time passes by itself. */
export const isOwnClock = (clock: Clock.Clock): boolean => clock === ownClock

/** After so many milliseconds Effect's clock is asked again. */
const askedAgain = 10

/** The first answers come late: nothing of it is compiled yet. */
const askedAtFirst = 3

/** Less than what makes Effect set its clock, and more than what a look at it may take. */
const mostDelay: Micros = 500_000

/**
 * Tells what the time is by a clock. Effect's own counts in bigints, and takes ten times as long as that of the
 * platform: of it is asked how far it is ahead. Time never goes back, but where the wall clock was set.
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
    // Who is held up between the two looks finds it farther ahead than it is.
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
