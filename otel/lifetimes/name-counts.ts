/** Senders of spans choose names, so there could be any number. */
const mostNames = 100
const mostShown = 3

/** How often each of many names came. */
export class NameCounts {
  #total = 0
  readonly #counts = new Map<string, number>()

  add(name: string): void {
    this.#total += 1
    if (this.#counts.size >= mostNames && !this.#counts.has(name)) return
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1)
  }

  takeBack(name: string): void {
    this.#total -= 1
    const count = this.#counts.get(name)
    if (count === undefined) return
    if (count === 1) this.#counts.delete(name)
    else this.#counts.set(name, count - 1)
  }

  get total(): number {
    return this.#total
  }

  /** The name, if there is only one. */
  get only(): string | undefined {
    return this.#counts.size === 1 ? [...this.#counts.keys()][0] : undefined
  }

  /** The most frequent names with their counts; `...` stands for others. */
  text(): string {
    const most = [...this.#counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    const names = most.slice(0, mostShown).map(([name, count]) => `${name} (${count})`)
    const more = most.length > mostShown ? ", ..." : ""
    return names.join(", ") + more
  }
}
