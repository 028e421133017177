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
  readonly #any = Latch.makeUnsafe(false)

  constructor(limit: number) {
    this.#limit = limit
  }

  get count(): number {
    return this.#batches.reduce((sum, { spans }) => sum + spans.length, 0)
  }

  /** Gives how many there was no room for, of these or of older ones. */
  add(spans: ReadonlyArray<Span>): number {
    let lost = 0
    const bytes = spans.reduce((sum, span) => sum + bytesOfSpan(span), 0)
    this.#batches.push({ spans, bytes })
    this.#bytes += bytes
    while (this.#bytes > this.#limit) {
      const oldest = this.#batches.shift()
      if (oldest === undefined) break
      this.#bytes -= oldest.bytes
      lost += oldest.spans.length
    }
    if (this.#batches.length > 0) this.#any.openUnsafe()
    return lost
  }

  /** Waits for spans; gives as many of the oldest as go at once. */
  readonly take: Effect.Effect<ReadonlyArray<Span>> = Effect.andThen(
    this.#any.await,
    Effect.sync(() => {
      const taken = this.#takeBatches()
      if (this.#batches.length === 0) this.#any.closeUnsafe()
      return taken.flatMap(({ spans }) => spans)
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
