import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import type { Span } from "../../otel/lifetimes/span.ts"
import { bytesOfSpan } from "../collector/span-bytes.ts"

interface Batch {
  readonly spans: ReadonlyArray<Span>
  readonly bytes: number
}

/** Receivers refuse requests that are too large: so much leaves at once, or one batch. */
const atOnce = 2 * 1024 * 1024

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

  get count(): number {
    return this.#batches.reduce((sum, { spans }) => sum + spans.length, 0)
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

  /** Waits for spans; gives as many of the oldest as go at once, and how many were lost since the last time. */
  readonly take: Effect.Effect<{ readonly spans: ReadonlyArray<Span>; readonly lost: number }> =
    Effect.andThen(
      this.#any.await,
      Effect.sync(() => {
        const taken = this.#takeBatches()
        const lost = this.#lost
        this.#lost = 0
        if (this.#batches.length === 0) this.#any.closeUnsafe()
        return { spans: taken.flatMap(({ spans }) => spans), lost }
      }),
    )

  #takeBatches(): ReadonlyArray<Batch> {
    let bytes = 0
    const rest = this.#batches.findIndex((batch, index) => {
      bytes += batch.bytes
      return index > 0 && bytes > atOnce
    })
    const taken = this.#batches.splice(0, rest === -1 ? this.#batches.length : rest)
    this.#bytes -= taken.reduce((sum, batch) => sum + batch.bytes, 0)
    return taken
  }
}
