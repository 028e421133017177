/** How late timers fire: a process that stands still tells nothing of the time that its programs take. */
export class Pulse {
  readonly #beats: Array<{ readonly at: number; readonly late: number }> = []
  readonly #timer: NodeJS.Timeout

  constructor() {
    let last = performance.now()
    this.#timer = setInterval(() => {
      const at = performance.now()
      const late = at - last - everyMillis
      last = at
      if (late > worthANote) this.#beats.push({ at, late })
    }, everyMillis)
    this.#timer.unref()
  }

  /** The longest time since then in which nothing ran. */
  longestSince(from: number): number {
    return Math.max(0, ...this.#beats.filter(({ at }) => at >= from).map(({ late }) => late))
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}

const everyMillis = 10
const worthANote = 15
