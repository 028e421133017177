import * as Effect from "effect/Effect"
import type { Span } from "../../otel/lifetimes/span.ts"

/** Says whether that was what it waited for. */
type Check = (spans: ReadonlyArray<Span>) => boolean

/** Who waits for a trace. */
export class TraceWaiters {
  readonly #byTrace = new Map<string, Set<Check>>()

  /** Returns the effect that stops the waiting. */
  add(traceId: string, check: Check): Effect.Effect<void> {
    const checks = this.#byTrace.get(traceId) ?? new Set()
    this.#byTrace.set(traceId, checks.add(check))
    return Effect.sync(() => this.#remove(traceId, check))
  }

  tell(traceId: string, spans: () => ReadonlyArray<Span>): void {
    const checks = this.#byTrace.get(traceId)
    if (checks === undefined) return
    const now = spans()
    for (const check of [...checks]) if (check(now)) this.#remove(traceId, check)
  }

  #remove(traceId: string, check: Check): void {
    const checks = this.#byTrace.get(traceId)
    checks?.delete(check)
    if (checks?.size === 0) this.#byTrace.delete(traceId)
  }
}
