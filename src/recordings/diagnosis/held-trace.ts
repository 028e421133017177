import { LIFETIME_OPEN } from "../../../otel/attributes.ts"
import { flag } from "../../../otel/lifetimes/attribute-reader.ts"
import type { Span } from "../../../otel/lifetimes/span.ts"

/** A trace whose spans have not all come. */
export class HeldTrace {
  /** The spans that are kept, in order of arrival. Sorting can wait: a list is cheap to keep. */
  readonly spans: Array<Span> = []
  /** How many spans came, each as often as it came. */
  arrived = 0
  /** Size of those, as they were written. */
  bytes = 0
  /** Size of those that are kept. */
  kept = 0
  /** How many are not kept, because the trace is too large for memory. */
  cut = 0
  /** True if a lifetime had not ended: what to say about it depends on when the recording ends. */
  isOpen = false

  /** Returns how much more is kept: at most so many bytes altogether. */
  add(span: Span, bytes: number, most: number): number {
    this.arrived += 1
    this.bytes += bytes
    if (this.kept + bytes > most) {
      this.cut += 1
      return 0
    }
    this.spans.push(span)
    if (flag(span, LIFETIME_OPEN)) this.isOpen = true
    this.kept += bytes
    return bytes
  }
}

const MiB = 1024 * 1024

/** How much of a source is held at once, in bytes as it is written. */
export interface Limits {
  /** All traces together. */
  readonly window: number
  /** One trace, well below half a window; a larger one is judged only by its beginning. */
  readonly trace: number
}

export const defaultLimits: Limits = { window: 32 * MiB, trace: 12 * MiB }

/** Judges a trace that gets no more spans. */
export type TakeTrace = (trace: HeldTrace) => void
