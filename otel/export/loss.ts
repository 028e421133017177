import type { ReadableSpan, SpanExporter, SpanProcessor } from "@opentelemetry/sdk-trace-node"
import type { CutOffCounter } from "./cut-off.ts"

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
  readonly #cutOff: CutOffCounter

  constructor(exporter: SpanExporter, warn: (reason: string) => void, cutOff: CutOffCounter) {
    this.#exporter = exporter
    this.#warn = warn
    this.#cutOff = cutOff
  }

  /** Spans that were finished and never reached the collector. */
  get lost(): number {
    return this.#finished - this.#delivered
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    const { traceId, spanId, traceFlags } = span.spanContext()
    if ((traceFlags & 1) === 0) return
    this.#finished++
    this.#cutOff.ended({
      span: { traceId, spanId },
      name: span.name,
      startedAt: micros(span.startTime),
      endedAt: micros(span.endTime),
    })
  }

  export(spans: Array<ReadableSpan>, done: (result: ExportResult) => void): void {
    this.#exporter.export(spans, (result) => {
      if (result.code === 0) this.#delivered += spans.length
      else if (!this.#warned) {
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

const micros = ([seconds, nanos]: ReadableSpan["startTime"]): number =>
  seconds * 1_000_000 + Math.floor(nanos / 1000)
