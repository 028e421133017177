import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Scheduler from "effect/Scheduler"
import { uncounted } from "../effect/fiber-ids.ts"
import { isOwnClock } from "../effect/moments.ts"

/**
 * Rings once at the moment that was set last. No fiber of the program runs for it, because one that is forked
 * moves the turns in which the program's own run; and it does not keep the process alive.
 */
export class Alarm {
  readonly #clock: Clock.Clock
  readonly #ring: () => void
  #cancel = (): void => {}

  constructor(clock: Clock.Clock, ring: () => void) {
    this.#clock = clock
    this.#ring = ring
  }

  /** As soon as what happens now is over. */
  soon(): void {
    this.#cancel()
    const immediate = setImmediate(this.#ring)
    immediate.unref()
    this.#cancel = () => clearImmediate(immediate)
  }

  after(millis: number): void {
    this.#cancel()
    this.#cancel = isOwnClock(this.#clock)
      ? afterSystemTime(millis, this.#ring)
      : afterTimeOf(this.#clock, millis, this.#ring)
  }

  stop(): void {
    this.#cancel()
  }
}

/** The longest that a timer can wait. A caller that is rung too early sets it again. */
const longestMillis = 2 ** 31 - 1

const afterSystemTime = (millis: number, ring: () => void) => {
  const timer = setTimeout(ring, Math.min(millis, longestMillis))
  timer.unref()
  return () => clearTimeout(timer)
}

/** The clock of a test can only be waited for by a fiber: by one that has a scheduler of its own. */
const afterTimeOf = (clock: Clock.Clock, millis: number, ring: () => void) => {
  const waiting = Effect.andThen(clock.sleep(Duration.millis(millis)), Effect.sync(ring))
  const scheduler = new Scheduler.MixedScheduler()
  const fiber = uncounted(() => Effect.runFork(waiting, { scheduler }))
  return () => fiber.interruptUnsafe()
}
