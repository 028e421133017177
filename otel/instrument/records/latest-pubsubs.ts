import type { PubSubRecord } from "./record.ts"

/** Who names PubSubs after a value must not fill the memory. */
const namesKept = 1_000

/** The latest PubSub of each name. */
export class LatestPubSubs {
  readonly #latest = new Map<string, PubSubRecord>()

  /** Gives the one whose place it takes. */
  replace(name: string, record: PubSubRecord): PubSubRecord | undefined {
    const previous = this.#latest.get(name)
    if (previous !== undefined) previous.replaced = true
    this.#latest.delete(name) // so that the oldest is the first
    this.#latest.set(name, record)
    const [oldest] = this.#latest.keys()
    if (this.#latest.size > namesKept && oldest !== undefined) this.#latest.delete(oldest)
    return previous
  }
}
