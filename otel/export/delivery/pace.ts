/** How many requests are on their way at once to a collector that takes them. */
const atOnce = 4

const firstWaitMillis = 1_000
const longestWaitMillis = 5_000
const growth = 1.5

/** A collector that asks for a longer pause is asked again after this time. */
const longestPauseMillis = 60_000

/** When the next request may be sent, by the collector's answers. Times are those of a monotonic clock. */
export class Pace {
  #hasTaken = false
  #failures = 0
  #resumesAt = 0
  #answeredAt = Number.NEGATIVE_INFINITY
  #trouble: string | undefined

  /** Why the collector takes no spans at the moment. */
  get trouble(): string | undefined {
    return this.#trouble
  }

  /** When it answered last. A collector that asked for a pause counts as answering until the pause is over. */
  get answeredAt(): number {
    return this.#answeredAt
  }

  /** Nobody is there, and nobody ever was. */
  get isHopeless(): boolean {
    return this.#failures > 0 && this.#answeredAt === Number.NEGATIVE_INFINITY
  }

  get requestsAtOnce(): number {
    return this.#hasTaken && this.#failures === 0 ? atOnce : 1
  }

  /** How long nothing may leave. */
  pauseMillis(now: number): number {
    return this.#resumesAt - now
  }

  /** It is tried once more, at once. */
  hurry(): void {
    this.#failures = 0
    this.#resumesAt = 0
  }

  taken(now: number): void {
    this.#hasTaken = true
    this.refused(now)
  }

  /** It has answered, and takes what comes next. */
  refused(now: number): void {
    this.#failures = 0
    this.#trouble = undefined
    this.#answeredAt = now
  }

  askedToWait(now: number, reason: string, millis = this.#nextWait()): void {
    this.#failures++
    this.#trouble = reason
    this.#resumesAt = now + Math.min(millis, longestPauseMillis)
    this.#answeredAt = this.#resumesAt
  }

  unreachable(now: number, reason: string): void {
    this.#resumesAt = now + this.#nextWait()
    this.silent(reason)
  }

  /** A request has waited without an answer, and has waited long enough. */
  silent(reason: string): void {
    this.#failures++
    this.#trouble = reason
  }

  /** Programs that lost the same collector must not all come back at once. */
  #nextWait(): number {
    const wait = Math.min(firstWaitMillis * growth ** this.#failures, longestWaitMillis)
    return wait * (0.8 + 0.4 * Math.random())
  }
}
