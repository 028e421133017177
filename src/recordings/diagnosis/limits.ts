import type { HeldTrace } from "./held-trace.ts"

const MiB = 1024 * 1024

/** How much of a source is held at once, in bytes as it is written. */
export interface Limits {
  /** All traces together. */
  readonly window: number
  /** One trace, well below half a window; of a larger one only the beginning is judged. */
  readonly trace: number
}

export const defaultLimits: Limits = { window: 32 * MiB, trace: 12 * MiB }

/** Judges a trace that no more span is expected of. */
export type TakeTrace = (trace: HeldTrace) => void
