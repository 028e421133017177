import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Scheduler from "effect/Scheduler"
import { uncounted } from "../effect/fiber-ids.ts"
import { isOwnClock } from "../effect/moments.ts"

/**
 * Rings once, at the moment that was set last. It uses no fiber of the program, because forking one changes the
 * order in which the program's fibers run. It does not keep the process alive.
 */
export class Alarm {
  readonly #clock: Clock.Clock
  readonly #ring: () => void
  #cancel = (): void => {}

  constructor(clock: Clock.Clock, ring: () => void) {
    this.#clock = clock
    this.#ring = ring
  }

  /** As soon as the current work is done. */
  soon(): void {
    this.#cancel()
    const immediate = setImmediate(this.#ring)
    immediate.unref()
    const cancel = () => clearImmediate(immediate)
    this.#cancel = cancel
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

/** The longest time that a timer can wait. A caller that is called too early sets it again. */
const longestMillis = 2 ** 31 - 1

const afterSystemTime = (millis: number, ring: () => void) => {
  const timer = setTimeout(ring, Math.min(millis, longestMillis))
  timer.unref()
  return () => clearTimeout(timer)
}

/** Only a fiber can wait for the clock of a test: here one with a separate scheduler. */
const afterTimeOf = (clock: Clock.Clock, millis: number, ring: () => void) => {
  const waiting = Effect.andThen(clock.sleep(Duration.millis(millis)), Effect.sync(ring))
  const scheduler = new Scheduler.MixedScheduler()
  const fiber = uncounted(() => Effect.runFork(waiting, { scheduler }))
  return () => fiber.interruptUnsafe()
}
