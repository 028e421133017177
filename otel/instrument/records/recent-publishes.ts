import type { Micros } from "../../lifetimes/time.ts"

/** How many publish times are kept for each PubSub. */
const keptAtMost = 256

/**
 * The times of the last publishes, to count those that a late subscription missed. There are many: each takes
 * two numbers.
 */
export class RecentPublishes {
  readonly #times: Array<Micros> = []
  readonly #counts: Array<number> = []
  /** The position of the oldest, once there are too many. */
  #oldest = 0

  add(at: Micros, count: number): void {
    if (this.#times.length < keptAtMost) {
      this.#times.push(at)
      this.#counts.push(count)
      return
    }
    this.#times[this.#oldest] = at
    this.#counts[this.#oldest] = count
    this.#oldest = (this.#oldest + 1) % keptAtMost
  }

  /** How many messages were published between two moments, as far as their times are kept. */
  between(after: Micros, until: Micros): number {
    const { length } = this.#times
    let sum = 0
    for (let back = 1; back <= length; back++) {
      const index = (this.#oldest + length - back) % length
      const at = this.#times[index] ?? 0
      if (at <= after) break
      if (at <= until) sum += this.#counts[index] ?? 0
    }
    return sum
  }
}
