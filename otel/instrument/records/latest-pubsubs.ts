import type { PubSubRecord } from "./record.ts"

/** A program that puts values into PubSub names must not fill the memory. */
const namesKept = 1_000

/** The latest PubSub of each name. */
export class LatestPubSubs {
  readonly #latest = new Map<string, PubSubRecord>()

  /** Returns the one that it replaces. */
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
