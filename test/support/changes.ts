import { Effect } from "effect"

/** Wakes who waits for a condition whenever something that it may depend on has changed. */
export class Changes {
  readonly #checks = new Set<() => void>()

  tell(): void {
    for (const check of [...this.#checks]) check()
  }

  until(condition: () => boolean): Effect.Effect<void> {
    return Effect.callback((resume) => {
      const check = () => {
        if (!condition()) return
        this.#checks.delete(check)
        resume(Effect.void)
      }
      this.#checks.add(check)
      check()
      return Effect.sync(() => this.#checks.delete(check))
    })
  }
}
