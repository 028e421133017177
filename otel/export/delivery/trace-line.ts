import type { ReadableSpan } from "@opentelemetry/sdk-trace-node"
import { Fifo } from "../fifo.ts"

/** The spans of a trace that wait, in the order in which they ended. */
export interface WaitingTrace {
  readonly traceId: string
  readonly spans: Fifo<ReadableSpan>
  /** Its place in the line. */
  line: TraceLine
}

/** Traces in the order in which they came. One that was moved to another line is passed over. */
export class TraceLine {
  readonly #traces = new Fifo<WaitingTrace>()

  add(trace: WaitingTrace): void {
    trace.line = this
    this.#traces.add(trace)
  }

  /** The trace that came first of those in which a span waits. */
  first(): WaitingTrace | undefined {
    for (;;) {
      const trace = this.#traces.first()
      if (trace === undefined || (trace.line === this && trace.spans.size > 0)) return trace
      this.#traces.take()
    }
  }
}
