import type { ReadableSpan } from "@opentelemetry/sdk-trace-node"

/** The spans of a trace that wait, in the order in which they ended. */
export interface WaitingTrace {
  readonly traceId: string
  readonly spans: Array<ReadableSpan>
  /** Where it stands. */
  line: TraceLine
}

/** How many may have left before the room is given back that they stood in. */
const leftAtMost = 1_024

/** Traces in the order in which they came. One that was moved to another line is passed over. */
export class TraceLine {
  #traces: Array<WaitingTrace> = []
  /** Where the first stands. */
  #first = 0

  add(trace: WaitingTrace): void {
    trace.line = this
    this.#traces.push(trace)
  }

  /** The trace that came first of those in which a span waits. */
  first(): WaitingTrace | undefined {
    for (;;) {
      const trace = this.#traces[this.#first]
      if (trace === undefined) return undefined
      if (trace.line === this && trace.spans.length > 0) return trace
      this.#first++
      this.#giveRoomBack()
    }
  }

  #giveRoomBack(): void {
    if (this.#first < leftAtMost || this.#first * 2 < this.#traces.length) return
    this.#traces = this.#traces.slice(this.#first)
    this.#first = 0
  }
}
