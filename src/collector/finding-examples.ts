/** Examples of one kind that are kept before others of it. */
const examplesOfKind = 5

/** Senders choose names, so kinds of findings could go on for ever. */
const mostKinds = 1_000

/** Which traces stand for a kind of finding: the first few of each. */
export class FindingExamples {
  readonly #traces = new Map<string, Set<string>>()

  /** Whether the trace stands for one of its kinds, now or already. */
  add(traceId: string, kinds: Iterable<string>): boolean {
    let isExample = false
    for (const kind of kinds) if (this.#addTo(kind, traceId)) isExample = true
    return isExample
  }

  delete(traceId: string, kinds: Iterable<string>): void {
    for (const kind of kinds) {
      const examples = this.#traces.get(kind)
      examples?.delete(traceId)
      if (examples?.size === 0) this.#traces.delete(kind)
    }
  }

  #addTo(kind: string, traceId: string): boolean {
    const examples = this.#traces.get(kind)
    if (examples === undefined) {
      if (this.#traces.size >= mostKinds) return false
      this.#traces.set(kind, new Set([traceId]))
      return true
    }
    if (examples.size < examplesOfKind) examples.add(traceId)
    return examples.has(traceId)
  }
}
