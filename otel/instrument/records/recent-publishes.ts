import type { Micros } from "../../lifetimes/time.ts"

/** Publishes whose time is kept, for each PubSub. */
const keptAtMost = 256

/** When the last publishes were, to count those that a late subscription missed. They come often: each is two numbers. */
export class RecentPublishes {
  readonly #times: Array<Micros> = []
  readonly #counts: Array<number> = []
  /** Where the oldest stands, once there are too many. */
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

  /** How many messages were published after one moment and until another, as far as that is kept. */
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
