import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import type { Span } from "../../otel/lifetimes/span.ts"
import { bytesOfSpan } from "../collector/span-bytes.ts"

interface Batch {
  readonly spans: ReadonlyArray<Span>
  readonly bytes: number
}

/** Spans that wait until they can be sent: the latest, up to a limit in bytes of the heap. */
export class WaitingSpans {
  readonly #limit: number
  #batches: Array<Batch> = []
  #bytes = 0
  #lost = 0
  readonly #any = Latch.makeUnsafe(false)

  constructor(limit: number) {
    this.#limit = limit
  }

  add(spans: ReadonlyArray<Span>): void {
    const bytes = spans.reduce((sum, span) => sum + bytesOfSpan(span), 0)
    this.#batches.push({ spans, bytes })
    this.#bytes += bytes
    while (this.#bytes > this.#limit) {
      const oldest = this.#batches.shift()
      if (oldest === undefined) break
      this.#bytes -= oldest.bytes
      this.#lost += oldest.spans.length
    }
    if (this.#batches.length > 0) this.#any.openUnsafe()
  }

  /** Waits for spans; gives all of them, and how many were lost since the last time. */
  readonly take: Effect.Effect<{ readonly spans: ReadonlyArray<Span>; readonly lost: number }> =
    Effect.andThen(
      this.#any.await,
      Effect.sync(() => {
        const taken = { spans: this.#batches.flatMap(({ spans }) => spans), lost: this.#lost }
        this.#batches = []
        this.#bytes = 0
        this.#lost = 0
        this.#any.closeUnsafe()
        return taken
      }),
    )
}
