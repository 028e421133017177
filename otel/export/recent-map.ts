/**
 * The latest entries: at least so many, and at most twice that; the rest is forgotten. It has two generations,
 * because finding the oldest entry of a large Map walks over all deleted ones.
 */
export class RecentMap<A extends NonNullable<unknown>> {
  readonly #atLeast: number
  #latest = new Map<string, A>()
  #before = new Map<string, A>()

  constructor(atLeast: number) {
    this.#atLeast = atLeast
  }

  get(key: string): A | undefined {
    return this.#latest.get(key) ?? this.#before.get(key)
  }

  set(key: string, value: A): void {
    this.#latest.set(key, value)
    if (this.#latest.size < this.#atLeast) return
    this.#before = this.#latest
    this.#latest = new Map()
  }
}
