import type { ReadableSpan, SpanExporter, SpanProcessor } from "@opentelemetry/sdk-trace-node"
import { counted } from "../lifetimes/counted.ts"

type ExportResult = Parameters<Parameters<SpanExporter["export"]>[1]>[0]

/**
 * Counts what was finished and what arrived, around an exporter. A collector that is down is told
 * once, through `warn`; the SDK's queue drops silently when it is full, so that losses can only be
 * counted as the difference.
 */
export class LossCounter implements SpanExporter, SpanProcessor {
  #finished = 0
  #delivered = 0
  #warned = false
  readonly #exporter: SpanExporter
  readonly #warn: (reason: string) => void
  readonly #arrived: (spans: number) => void

  /** `arrived` is told how many spans the collector has taken, whenever it has taken some. */
  constructor(
    exporter: SpanExporter,
    warn: (reason: string) => void,
    arrived: (spans: number) => void = () => {},
  ) {
    this.#exporter = exporter
    this.#warn = warn
    this.#arrived = arrived
  }

  /** Spans that were finished and never reached the collector. */
  get lost(): number {
    return this.#finished - this.#delivered
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & 1) === 1) this.#finished++
  }

  export(spans: Array<ReadableSpan>, done: (result: ExportResult) => void): void {
    this.#exporter.export(spans, (result) => {
      if (result.code === 0) {
        this.#delivered += spans.length
        this.#arrived(spans.length)
      } else if (!this.#warned) {
        this.#warned = true
        this.#warn(result.error?.message ?? "unknown reason")
      }
      done(result)
    })
  }

  async forceFlush(): Promise<void> {
    await this.#exporter.forceFlush?.()
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown()
  }
}

/** Why the collector at this address gets no spans. */
export const takesNone = (shown: string, reason: string): string =>
  `The collector at ${shown} takes no spans (${reason}); the program goes on.`

/** What was lost until the end, in sentences. */
export const losses = (lost: number, letGo: number, shown: string): ReadonlyArray<string> => [
  ...(lost === 0 ? [] : [`${spansWere(lost)} lost, not taken by the collector at ${shown}.`]),
  ...(letGo === 0
    ? []
    : [`${spansWere(letGo)} let go: too many exchanges were open at once to keep them.`]),
]

const spansWere = (count: number): string => counted(count, "span was", "spans were")
