import type { Standstill } from "../../lifetimes/spans/standstill.ts"
import type { Micros } from "../../lifetimes/time.ts"
import type { Alarm } from "./alarm.ts"

/** How often we check that the process still runs, at most. */
const longestTick: Micros = 100_000

interface StandstillsOptions {
  readonly now: () => Micros
  readonly grace: Micros
  /** None for a clock that does not go by itself. */
  readonly makeAlarm: (ring: () => void) => Pick<Alarm, "after"> | undefined
  /** Whether something is open that may be released late. */
  readonly isNeeded: () => boolean
}

/**
 * Notes when the process stands still, as in a long synchronous loop: what is late then is late because of
 * that. It checks every 100 ms, or more often if the grace period is short, while something is open, and for a while after that.
 */
export class Standstills {
  readonly #options: StandstillsOptions
  /** Shorter ones make nothing late that is done soon. */
  readonly #shortest: Micros
  readonly #tick: Micros
  readonly #alarm: Pick<Alarm, "after"> | undefined
  #due: Micros | undefined
  #neededUntil: Micros = 0
  #last: Standstill | undefined

  constructor(options: StandstillsOptions) {
    this.#options = options
    this.#shortest = options.grace / 2
    this.#tick = Math.min(longestTick, options.grace / 4)
    this.#alarm = options.makeAlarm(this.#ring)
  }

  /** Looks from now on. */
  watch(): void {
    if (this.#due === undefined && this.#alarm !== undefined) this.#look(this.#options.now())
  }

  /** The last standstill since that moment, together with those shortly before it. */
  since(moment: Micros, now: Micros): Standstill | undefined {
    if (this.#due !== undefined) this.#note(now)
    return this.#last !== undefined && this.#last.at > moment ? this.#last : undefined
  }

  #look(now: Micros): void {
    this.#due = now + this.#tick
    if (this.#options.isNeeded()) this.#neededUntil = now + 10 * this.#options.grace
    this.#alarm?.after(this.#tick / 1000)
  }

  readonly #ring = (): void => {
    const now = this.#options.now()
    this.#note(now)
    if (this.#options.isNeeded() || now < this.#neededUntil) this.#look(now)
    else this.#due = undefined
  }

  /** A standstill that goes on gets longer each time. */
  #note(now: Micros): void {
    const late = now - (this.#due ?? now)
    if (late < this.#shortest) return
    const before = this.#last
    const isNear = before !== undefined && now - before.at < 10 * this.#options.grace
    this.#last = { at: now, lasted: late + (isNear ? before.lasted : 0) }
    this.#due = now
  }
}
