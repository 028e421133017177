import type { ScopeRecord } from "./record.ts"

/** A dropped scope that is never closed is garbage to the program, and must not fill the memory here. */
const looseKept = 1_000

/** A program is in many scopes for as long as it runs, and an unused scope holds nothing. */
export const holdsSomething = (scope: ScopeRecord): boolean =>
  scope.asked || (scope.exchange !== undefined && !scope.isUnused())

/** The scopes that are open, in the order in which they were opened. */
export class OpenScopes implements Iterable<ScopeRecord> {
  readonly #open = new Set<ScopeRecord>()
  /** Scopes that no exchange ends. The program may have lost every reference to them. */
  readonly #loose = new Set<ScopeRecord>()
  /** Scopes that were forgotten while they held something. */
  readonly #letGo = new WeakSet<ScopeRecord>()
  #letGoCount = 0

  /** How many forgotten scopes still hold something, as far as we know. */
  get letGo(): number {
    return this.#letGoCount
  }

  add(scope: ScopeRecord): void {
    this.#open.add(scope)
    if (scope.exchange === undefined) this.loosen(scope)
  }

  /**
   * Its exchange is over, or it never had one. Of many such scopes, the oldest that nobody asked for is
   * forgotten.
   */
  loosen(scope: ScopeRecord): void {
    this.#loose.add(scope)
    const [oldest] = this.#loose
    if (this.#loose.size <= looseKept || oldest === undefined) return
    this.#loose.delete(oldest)
    if (oldest.asked || !this.#open.delete(oldest) || !holdsSomething(oldest)) return
    this.#letGo.add(oldest)
    this.#letGoCount += 1
  }

  delete(scope: ScopeRecord): void {
    this.#open.delete(scope)
    this.#loose.delete(scope)
    if (this.#letGo.delete(scope)) this.#letGoCount -= 1
  }

  [Symbol.iterator](): IterableIterator<ScopeRecord> {
    return this.#open[Symbol.iterator]()
  }
}
