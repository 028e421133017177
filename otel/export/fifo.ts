/** How many may have been taken before the room is given back that they stood in. */
const takenAtMost = 1_024

/** First in, first out, in the same time however many there are: `shift` of a long array moves all the others. */
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
