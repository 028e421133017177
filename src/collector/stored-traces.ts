import type { Span } from "../../otel/lifetimes/span.ts"
import { FindingExamples } from "./finding-examples.ts"
import { OldestFirst } from "./oldest-first.ts"
import { SharedValues } from "./shared-values.ts"
import { StoredTrace } from "./stored-trace.ts"

/** How much a store keeps. */
export interface TraceStoreLimits {
  /** An estimate of what all traces take on the heap, in bytes. */
  readonly bytes: number
  /** Spans of one trace. */
  readonly spansPerTrace: number
  /** The share of all bytes that one trace may take, a quarter by default. */
  readonly shareOfTrace?: number
}

/** What a store holds now, and what it has dropped since it was made. */
export interface TraceStoreCounts {
  readonly traces: number
  readonly spans: number
  /** An estimate of what these take on the heap. */
  readonly bytes: number
  /** Traces that were dropped whole. */
  readonly evictedTraces: number
  /** How many of them had something open. */
  readonly evictedOpen: number
  /** How many of them had a finding. */
  readonly evictedFound: number
  /** How often a trace with a finding lost spans because it was too large. */
  readonly cutFound: number
  /** Spans that were dropped, with their trace or from a trace that was too large. */
  readonly evictedSpans: number
}

/** Why a trace is kept. The least valuable are dropped first. */
const worths = ["ended", "repeated", "open", "found"] as const

type Worth = (typeof worths)[number]

/** The share of the room that is left to ended traces: they have to stay until they have been judged. */
const shareOfEnded = 1 / 8

/** Traces of the same worth, ordered by their latest span. */
interface Rank {
  readonly traces: OldestFirst<string, StoredTrace>
  bytes: number
}

/** Where a trace was put, and how large it was then. */
interface Placed {
  readonly worth: Worth
  readonly bytes: number
}

const rank = (): Rank => ({ traces: new OldestFirst(), bytes: 0 })

/**
 * Traces, within a limit. Ended traces without a finding are dropped first, then repeated findings of one kind,
 * then what is open, then the first findings of each kind. Of equal worth, the trace without a new span for
 * longest is dropped first.
 */
export class StoredTraces {
  readonly #limits: TraceStoreLimits
  readonly #traces = new Map<string, StoredTrace>()
  readonly #placed = new Map<string, Placed>()
  readonly #ranks: Readonly<Record<Worth, Rank>> = {
    ended: rank(),
    repeated: rank(),
    open: rank(),
    found: rank(),
  }
  readonly #shared = new SharedValues()
  readonly #examples = new FindingExamples()
  #spans = 0
  #reserved = 0
  #evicted = { evictedTraces: 0, evictedOpen: 0, evictedFound: 0, cutFound: 0, evictedSpans: 0 }

  constructor(limits: TraceStoreLimits) {
    this.#limits = limits
  }

  /** In the order in which they came. */
  get ids(): ReadonlyArray<string> {
    return [...this.#traces.keys()]
  }

  get counts(): TraceStoreCounts {
    const [traces, spans] = [this.#traces.size, this.#spans]
    return { traces, spans, bytes: this.#bytes, ...this.#evicted }
  }

  spansOf(traceId: string): ReadonlyArray<Span> {
    return this.#traces.get(traceId)?.spans ?? []
  }

  /** Returns the ids of the traces that the spans belong to. */
  add(spans: Iterable<Span>): ReadonlySet<string> {
    const changed = new Set<string>()
    for (const span of spans) {
      this.#put(span)
      changed.add(span.traceId)
    }
    for (const traceId of changed) this.#place(traceId)
    this.#makeRoom()
    return changed
  }

  /** Leaves so many bytes of the limit to others from now on, but never more than half of it. */
  reserve(bytes: number): void {
    this.#reserved = Math.min(bytes, this.#limits.bytes / 2)
    this.#makeRoom()
  }

  /** Notes the kinds of findings that judging a trace has found. */
  judged(traceId: string, kinds: ReadonlySet<string>): void {
    const trace = this.#traces.get(traceId)
    if (trace === undefined || (trace.judged.size === 0 && kinds.size === 0)) return
    this.#examples.delete(traceId, trace.judged)
    trace.judged = kinds
    this.#place(traceId)
  }

  /** How much it may keep now. */
  get #most(): number {
    return this.#limits.bytes - this.#reserved
  }

  get #bytes(): number {
    return worths.reduce((sum, worth) => sum + this.#ranks[worth].bytes, this.#shared.bytes)
  }

  #put(span: Span): void {
    let trace = this.#traces.get(span.traceId)
    if (trace === undefined) {
      trace = new StoredTrace(span.traceId, this.#shared)
      this.#traces.set(span.traceId, trace)
    }
    const { bytes, spansPerTrace, shareOfTrace = 1 / 4 } = this.#limits
    const before = trace.size
    const evicted = trace.put(span, { spans: spansPerTrace, bytes: bytes * shareOfTrace })
    this.#spans += trace.size - before
    this.#evicted.evictedSpans += evicted
    if (evicted > 0 && hasFinding(trace)) this.#evicted.cutFound += 1
  }

  #place(traceId: string): void {
    const trace = this.#traces.get(traceId)
    if (trace === undefined) return
    this.#displace(traceId)
    const { bytes } = trace
    const worth = this.#worthOf(trace)
    this.#placed.set(traceId, { worth, bytes })
    this.#ranks[worth].traces.set(traceId, trace)
    this.#ranks[worth].bytes += bytes
  }

  #displace(traceId: string): void {
    const placed = this.#placed.get(traceId)
    if (placed === undefined) return
    this.#placed.delete(traceId)
    this.#ranks[placed.worth].traces.delete(traceId)
    this.#ranks[placed.worth].bytes -= placed.bytes
  }

  #worthOf({ id, told, judged, isOpen }: StoredTrace): Worth {
    const kinds = [...told, ...judged]
    if (this.#examples.add(id, kinds)) return "found"
    if (isOpen) return "open"
    return kinds.length > 0 ? "repeated" : "ended"
  }

  #makeRoom(): void {
    while (this.#bytes > this.#most && this.#traces.size > 0) this.#evict()
  }

  #evict(): void {
    const [worth] = this.#worthToEvict()
    const trace = worth === undefined ? undefined : this.#ranks[worth].traces.shift()
    if (trace === undefined) return
    this.#displace(trace.id)
    this.#traces.delete(trace.id)
    this.#examples.delete(trace.id, [...trace.told, ...trace.judged])
    trace.release()
    this.#spans -= trace.size
    this.#evicted.evictedSpans += trace.size
    this.#evicted.evictedTraces += 1
    if (hasFinding(trace)) this.#evicted.evictedFound += 1
    else if (trace.isOpen) this.#evicted.evictedOpen += 1
  }

  /** The ranks that hold something, the least valuable first. */
  #worthToEvict(): ReadonlyArray<Worth> {
    const [ended, ...others] = worths
    const bytes = others.reduce((sum, worth) => sum + this.#ranks[worth].bytes, 0)
    const isCrowded = bytes > this.#most * (1 - shareOfEnded)
    const order = isCrowded ? [...others, ended] : worths
    return order.filter((worth) => this.#ranks[worth].traces.size > 0)
  }
}

const hasFinding = ({ told, judged }: StoredTrace): boolean => told.size + judged.size > 0
