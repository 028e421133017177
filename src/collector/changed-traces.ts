import type * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"

/** The traces that got spans since one reader looked last, each once. */
export class ChangedTraces {
  #ids = new Set<string>()
  readonly #any = Latch.makeUnsafe(false)

  /** Waits until there is one. */
  readonly await: Effect.Effect<void> = this.#any.await

  /** Their ids. From now on it collects the next ones. */
  take(): ReadonlySet<string> {
    const ids = this.#ids
    this.#ids = new Set()
    this.#any.closeUnsafe()
    return ids
  }

  add(traceIds: Iterable<string>): void {
    for (const traceId of traceIds) this.#ids.add(traceId)
    if (this.#ids.size > 0) this.#any.openUnsafe()
  }
}
