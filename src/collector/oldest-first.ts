/**
 * A map that finds its oldest entry at once. A new iterator of a `Map` walks over every deleted entry, so one
 * iterator is kept: what it has passed is gone.
 */
export class OldestFirst<Key, Value> {
  readonly #entries = new Map<Key, Value>()
  #ahead = this.#entries.entries()

  get size(): number {
    return this.#entries.size
  }

  /** Sets an entry, as the youngest. */
  set(key: Key, value: Value): void {
    this.#entries.delete(key)
    this.#entries.set(key, value)
  }

  delete(key: Key): void {
    this.#entries.delete(key)
  }

  /** Removes the oldest entry, and gives its value. */
  shift(): Value | undefined {
    const entry = this.#next()
    if (entry === undefined) return undefined
    this.#entries.delete(entry[0])
    return entry[1]
  }

  #next(): readonly [Key, Value] | undefined {
    if (this.#entries.size === 0) return undefined
    const { value } = this.#ahead.next()
    if (value !== undefined) return value
    this.#ahead = this.#entries.entries()
    return this.#ahead.next().value
  }
}
