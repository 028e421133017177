/** How many may have been taken before their room is given back. */
const takenAtMost = 1_024

/** First in, first out, in constant time: `shift` of a long array moves all other entries. */
export class Fifo<A extends NonNullable<unknown>> {
  #items: Array<A | undefined> = []
  /** Where the first stands. */
  #first = 0

  get size(): number {
    return this.#items.length - this.#first
  }

  first(): A | undefined {
    return this.#items[this.#first]
  }

  add(item: A): void {
    this.#items.push(item)
  }

  take(): A | undefined {
    const item = this.#items[this.#first]
    if (item === undefined) return undefined
    this.#items[this.#first] = undefined
    this.#first++
    if (this.#first === this.#items.length) this.#restart([])
    else if (this.#first >= takenAtMost && this.#first * 2 >= this.#items.length) {
      this.#restart(this.#items.slice(this.#first))
    }
    return item
  }

  #restart(items: Array<A | undefined>): void {
    this.#items = items
    this.#first = 0
  }
}
