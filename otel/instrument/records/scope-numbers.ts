import type * as Scope from "effect/Scope"

/** Tells scopes apart, and keeps none of them. */
export class ScopeNumbers {
  readonly #known = new WeakMap<Scope.Scope, number>()
  #last = 0

  of(scope: Scope.Scope): number {
    const known = this.#known.get(scope)
    if (known !== undefined) return known
    this.#known.set(scope, ++this.#last)
    return this.#last
  }
}
