import type { Span } from "../../../otel/lifetimes/span.ts"
import type { Limits, TakeTrace } from "./held-trace.ts"
import { HeldTrace } from "./held-trace.ts"
import type { TraceTable } from "./trace-table.ts"

const waiting = 0
const done = 2
const postponed = 3

interface ExpectedTrace {
  readonly trace: HeldTrace
  readonly spans: number
  /** How much of the source it may hold. */
  readonly room: number
}

/**
 * Holds each trace until its last span has come; it knows how many there are. Traces that do not fit into
 * memory are left for another pass.
 */
export class CountedPass {
  readonly #table: TraceTable
  readonly #limits: Limits
  readonly #take: TakeTrace
  readonly #held = new Map<string, ExpectedTrace>()
  #taken = 0
  #postponed = false

  /** Of the traces in the table, it reads those that the previous pass left. */
  constructor(table: TraceTable, limits: Limits, take: TakeTrace) {
    this.#table = table
    this.#limits = limits
    this.#take = take
  }

  add(span: Span, bytes: number): void {
    const expected = this.#held.get(span.traceId) ?? this.#enter(span.traceId)
    if (expected === undefined) return
    expected.trace.add(span, bytes, this.#limits.trace)
    if (expected.trace.arrived >= expected.spans) this.#letGo(span.traceId, expected)
  }

  /** Drops everything that is held, even what is incomplete because the source has become shorter. */
  finish(): void {
    for (const [id, expected] of this.#held) this.#letGo(id, expected)
    this.#table.remark(postponed, waiting)
  }

  /** True if another pass is needed. */
  get isPostponed(): boolean {
    return this.#postponed
  }

  #enter(id: string): ExpectedTrace | undefined {
    if (this.#table.markOf(id) !== waiting || !this.#table.has(id)) return undefined
    const { spans, bytes } = this.#table.get(id)
    const room = Math.min(bytes, this.#limits.trace)
    if (this.#held.size > 0 && this.#taken + room > this.#limits.window) {
      this.#table.mark(id, postponed)
      this.#postponed = true
      return undefined
    }
    const expected = { trace: new HeldTrace(), spans, room }
    this.#held.set(id, expected)
    this.#taken += room
    return expected
  }

  #letGo(id: string, { trace, room }: ExpectedTrace): void {
    this.#held.delete(id)
    this.#taken -= room
    this.#table.mark(id, done)
    this.#take(trace)
  }
}
