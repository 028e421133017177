import type { Span } from "../../../otel/lifetimes/span.ts"
import type { Limits, TakeTrace } from "./held-trace.ts"
import { HeldTrace } from "./held-trace.ts"
import { TraceTable } from "./trace-table.ts"

/** The mark of a trace that could not be judged finally when it was dropped. */
const unfinished = 1

/**
 * Holds traces as long as their spans keep coming. A trace without a span in the window is dropped. Two
 * generations make that cheap: a trace moves into the younger one when it gets a span. When that is full, the
 * older one is dropped and the younger one takes its place.
 */
export class FirstPass {
  readonly #limits: Limits
  readonly #take: TakeTrace
  #younger = new Map<string, HeldTrace>()
  #older = new Map<string, HeldTrace>()
  #youngerSize = 0
  #finishing = false
  /** Every dropped trace, with the number of its spans. */
  readonly #table = new TraceTable()
  /** Spans that came after their trace had been dropped. */
  lateSpans = 0
  lateTraces = 0
  openTraces = 0

  constructor(limits: Limits, take: TakeTrace) {
    this.#limits = limits
    this.#take = take
  }

  add(span: Span, bytes: number): void {
    const trace = this.#younger.get(span.traceId) ?? this.#enter(span, bytes)
    if (trace === undefined) return
    this.#youngerSize += trace.add(span, bytes, this.#limits.trace)
    if (this.#youngerSize >= this.#limits.window / 2) this.#turn()
  }

  /** Drops everything that is held: nothing more comes. */
  finish(): void {
    this.#finishing = true
    this.#turn()
    this.#turn()
  }

  /** True if every trace was judged whole, and at the moment at which the recording ends. */
  get isExact(): boolean {
    return this.lateTraces === 0 && this.openTraces === 0
  }

  /** What another pass over the same spans knows from this one. */
  recount(): TraceTable {
    this.#table.remark(unfinished, 0)
    return this.#table
  }

  #enter(span: Span, bytes: number): HeldTrace | undefined {
    const id = span.traceId
    let trace = this.#older.get(id)
    if (trace !== undefined) this.#older.delete(id)
    else if (this.#table.size > 0 && this.#table.has(id)) {
      this.#countLate(id, bytes)
      return undefined
    } else trace = new HeldTrace()
    this.#younger.set(id, trace)
    this.#youngerSize += trace.kept
    return trace
  }

  #countLate(id: string, bytes: number): void {
    this.lateSpans += 1
    if (this.#table.markOf(id) !== unfinished) this.lateTraces += 1
    this.#table.mark(id, unfinished)
    this.#table.add(id, 1, bytes)
  }

  #turn(): void {
    const leaving = this.#older
    this.#older = this.#younger
    this.#younger = new Map()
    this.#youngerSize = 0
    for (const [id, trace] of leaving) {
      if (!this.#finishing && trace.isOpen) this.openTraces += 1
      if (!this.#finishing || !this.isExact) this.#table.add(id, trace.arrived, trace.bytes)
      this.#take(trace)
    }
  }
}
