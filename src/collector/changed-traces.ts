import type * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"

/** The traces that got spans since one reader has looked, each once. */
export class ChangedTraces {
  #ids = new Set<string>()
  readonly #any = Latch.makeUnsafe(false)

  /** Waits until there is one. */
  readonly await: Effect.Effect<void> = this.#any.await

  /** Their ids; from now on others are gathered. */
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
