import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import { Fifo } from "../../otel/export/fifo.ts"
import type { Span } from "../../otel/lifetimes/span.ts"
import { bytesOfSpan } from "../collector/span-bytes.ts"

interface Batch {
  readonly spans: ReadonlyArray<Span>
  readonly bytes: number
}

const nothing: Batch = { spans: [], bytes: 0 }

/** Receivers refuse requests that are too large: this much is sent at once, or one batch. */
const atOnce = 2 * 1024 * 1024

/** Spans that wait to be forwarded: the latest, up to a limit in bytes of the heap. */
export class ForwardQueue {
  readonly #limit: number
  readonly #batches = new Fifo<Batch>()
  #bytes = 0
  #count = 0
  readonly #any = Latch.makeUnsafe(false)

  constructor(limit: number) {
    this.#limit = limit
  }

  get count(): number {
    return this.#count
  }

  /** Returns for how many there was no room, of these or of older ones. */
  add(spans: ReadonlyArray<Span>): number {
    let lost = 0
    const bytes = spans.reduce((sum, span) => sum + bytesOfSpan(span), 0)
    this.#batches.add({ spans, bytes })
    this.#bytes += bytes
    this.#count += spans.length
    while (this.#bytes > this.#limit) lost += this.#takeFirst().length
    if (this.#batches.size > 0) this.#any.openUnsafe()
    return lost
  }

  /** Waits for spans; returns as many of the oldest as are sent at once. */
  readonly take: Effect.Effect<ReadonlyArray<Span>> = Effect.andThen(
    this.#any.await,
    Effect.sync(() => {
      const taken = this.#takeBatches()
      if (this.#batches.size === 0) this.#any.closeUnsafe()
      return taken
    }),
  )

  #takeBatches(): ReadonlyArray<Span> {
    const before = this.#bytes
    const taken = [this.#takeFirst()]
    for (let next = this.#batches.first(); next !== undefined; next = this.#batches.first()) {
      if (before - this.#bytes + next.bytes > atOnce) break
      taken.push(this.#takeFirst())
    }
    return taken.flat()
  }

  #takeFirst(): ReadonlyArray<Span> {
    const { spans, bytes } = this.#batches.take() ?? nothing
    this.#bytes -= bytes
    this.#count -= spans.length
    return spans
  }
}
