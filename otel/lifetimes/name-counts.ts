/** Whoever sends spans chooses their names, so there could be any number. */
const mostNames = 100
const mostShown = 3

/** Spans that hang under one which has not come, by name. */
export class NameCounts {
  #total = 0
  readonly #counts = new Map<string, number>()

  add(name: string): void {
    this.#total += 1
    if (this.#counts.size >= mostNames && !this.#counts.has(name)) return
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1)
  }

  /** That requests among them were not judged, where there are any. */
  note(): ReadonlyArray<string> {
    if (this.#total === 0) return []
    const most = [...this.#counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    const names = most.slice(0, mostShown).map(([name, count]) => `${name} (${count})`)
    const more = most.length > mostShown ? ", ..." : ""
    const spans = this.#total === 1 ? "1 span hangs" : `${this.#total} spans hang`
    return [
      `${spans} under a span that had not come: ${names.join(", ")}${more}. Requests among them ` +
        "were not judged.",
    ]
  }
}
