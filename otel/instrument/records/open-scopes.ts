import type { ScopeRecord } from "./record.ts"

/** A scope that is dropped and never closed is garbage to the program, and must not fill the memory here. */
const looseKept = 1_000

/** A program is in many scopes for as long as it runs, and an unused one holds nothing. */
export const holdsSomething = (scope: ScopeRecord): boolean =>
  scope.asked || (scope.exchange !== undefined && !scope.isUnused())

/** The scopes that are open, in the order in which they were opened. */
export class OpenScopes implements Iterable<ScopeRecord> {
  readonly #open = new Set<ScopeRecord>()
  /** Those that no exchange ends. The program may have lost every reference to them. */
  readonly #loose = new Set<ScopeRecord>()
  /** What was let go while it held something. */
  readonly #letGo = new WeakSet<ScopeRecord>()
  #letGoCount = 0

  /** How many hold something, for all that is known, and are not among these any more. */
  get letGo(): number {
    return this.#letGoCount
  }

  add(scope: ScopeRecord): void {
    this.#open.add(scope)
    if (scope.exchange === undefined) this.loosen(scope)
  }

  /** Its exchange is over, or it never had one: of many such the oldest that nobody asked for is let go. */
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
