import type { Span } from "../../../otel/lifetimes/span.ts"
import type { Limits, TakeTrace } from "./held-trace.ts"
import { HeldTrace } from "./held-trace.ts"
import { TraceTable } from "./trace-table.ts"

/** Mark of a trace that could not be judged for good when it was let go. */
const unfinished = 1

/**
 * Holds traces for as long as their spans keep coming: one of which none came within the window is let
 * go. Two generations make it cheap: a trace moves into the younger one when a span of it comes, and
 * when that is full, the older one is let go and the younger one becomes the older.
 */
export class FirstPass {
  readonly #limits: Limits
  readonly #take: TakeTrace
  #younger = new Map<string, HeldTrace>()
  #older = new Map<string, HeldTrace>()
  #youngerSize = 0
  #finishing = false
  /** Every trace that was let go, with how often its spans came. */
  readonly #table = new TraceTable()
  /** Spans that came after their trace had been let go. */
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

  /** Lets all that is held go: nothing more comes. */
  finish(): void {
    this.#finishing = true
    this.#turn()
    this.#turn()
  }

  /** True where every trace was judged whole, and at the moment at which the recording ends. */
  get isExact(): boolean {
    return this.lateTraces === 0 && this.openTraces === 0
  }

  /** What a pass over the same spans can count on. */
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
