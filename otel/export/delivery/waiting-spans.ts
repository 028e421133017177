import type { ReadableSpan } from "@opentelemetry/sdk-trace-node"
import { Fifo } from "../fifo.ts"
import { RecentMap } from "../recent-map.ts"
import { PackedSpans } from "./packed-spans.ts"
import { sdkSpanBytes } from "./sdk-span-bytes.ts"
import { TraceLine, type WaitingTrace } from "./trace-line.ts"

/** How much may wait. */
export interface WaitingBounds {
  /** About how many bytes of memory. What is on its way counts as well. */
  readonly bytes: number
  readonly spans: number
  /** How many spans leave together. */
  readonly batch: number
}

/** Spans that are sent together. They count among the bytes until they are settled. */
export interface Parcel {
  readonly body: Uint8Array
  readonly spans: number
  /** What they take in memory. */
  readonly bytes: number
}

interface WaitingParts {
  /** Never throws; nothing if they cannot be written. */
  readonly serialize: (spans: Array<ReadableSpan>) => Uint8Array | undefined
  /** Called with spans that are dropped, and why: which limit, or that they cannot be written. */
  readonly lost: (cause: "bytes" | "spans" | "unwritable", spans: number) => void
}

/** How many traces with a finding are remembered, for those of their spans that end later. */
const remembered = 8_192

/** The shares of the bytes that a batch may take, and that packed spans may. */
const batchShare = 1 / 16
const packedShare = 1 / 2

/**
 * Spans that wait to be sent. Traces with a finding are sent first, then the trace that has waited longest. If
 * there is no room, the spans that have waited longest are packed. If there is still no room, spans are lost,
 * those of traces with a finding last. The oldest are lost first: a problem of an exchange may be known only a
 * while after its spans have come.
 */
export class WaitingSpans {
  readonly #bounds: WaitingBounds
  readonly #parts: WaitingParts
  readonly #found = new TraceLine()
  readonly #others = new TraceLine()
  readonly #packed = new PackedSpans()
  readonly #traces = new Map<string, WaitingTrace>()
  readonly #isFound = new RecentMap<true>(remembered)
  /** The bytes of spans that are not packed, and of parcels that are not settled. */
  #spans = 0
  #bytes = 0

  constructor(bounds: WaitingBounds, parts: WaitingParts) {
    this.#bounds = bounds
    this.#parts = parts
  }

  get size(): number {
    return this.#spans + this.#packed.size
  }

  add(span: ReadableSpan): void {
    const bytes = sdkSpanBytes(span)
    if (bytes > this.#bounds.bytes) {
      this.#parts.lost("bytes", 1) // it alone, and not all others for it
      return
    }
    const { traceId } = span.spanContext()
    const trace = this.#traces.get(traceId)
    if (trace === undefined) this.#begin(traceId, span)
    else trace.spans.add(span)
    this.#spans++
    this.#bytes += bytes
    while (this.size > this.#bounds.spans) this.#letGo("spans")
    while (this.#bytes + this.#packed.bytes > this.#bounds.bytes && this.#spans > 0) {
      this.#makeRoom()
    }
  }

  /** Something was found about an exchange of this trace. */
  found(traceId: string): void {
    if (this.#isFound.get(traceId) === true) return
    this.#isFound.set(traceId, true)
    this.#packed.found(traceId)
    const trace = this.#traces.get(traceId)
    if (trace !== undefined) this.#found.add(trace)
  }

  /** The parcel to send next; nothing if nothing waits. */
  take(): Parcel | undefined {
    if (this.#found.first() === undefined) {
      const parcel = this.#packed.take()
      if (parcel !== undefined) {
        this.#bytes += parcel.bytes
        return parcel
      }
    }
    const { spans, bytes } = this.#takeBatch([this.#found, this.#others])
    if (spans.length === 0) return undefined
    const body = this.#parts.serialize(spans)
    if (body !== undefined) return { body, spans: spans.length, bytes }
    this.#parts.lost("unwritable", spans.length)
    this.settle(bytes)
    return this.take()
  }

  /** The spans of a parcel have arrived or are lost. */
  settle(bytes: number): void {
    this.#bytes -= bytes
  }

  #begin(traceId: string, span: ReadableSpan): void {
    const line = this.#isFound.get(traceId) === true ? this.#found : this.#others
    const trace: WaitingTrace = { traceId, spans: new Fifo(), line }
    trace.spans.add(span)
    this.#traces.set(traceId, trace)
    line.add(trace)
  }

  #makeRoom(): void {
    const isRoomToPack = this.#packed.bytes < this.#bounds.bytes * packedShare
    const isWorthIt = this.#spans >= this.#bounds.batch
    if (isRoomToPack && isWorthIt) this.#pack()
    else this.#letGo("bytes")
  }

  #pack(): void {
    const worth = this.#others.first() === undefined ? "found" : "others"
    const { spans, bytes } = this.#takeBatch([worth === "found" ? this.#found : this.#others])
    this.settle(bytes)
    const body = this.#parts.serialize(spans)
    if (body === undefined) this.#parts.lost("unwritable", spans.length)
    else this.#packed.add(spans, body, worth)
  }

  #takeBatch(lines: ReadonlyArray<TraceLine>) {
    const spans: Array<ReadableSpan> = []
    const bytesAtMost = this.#bounds.bytes * batchShare
    let bytes = 0
    while (spans.length < this.#bounds.batch && bytes < bytesAtMost) {
      const span = this.#takeFirst(lines)
      if (span === undefined) break
      spans.push(span)
      bytes += sdkSpanBytes(span)
    }
    return { spans, bytes }
  }

  #letGo(bound: "bytes" | "spans"): void {
    const lost =
      this.#letGoFirst(this.#others) ||
      this.#packed.letGo("others") ||
      this.#letGoFirst(this.#found) ||
      this.#packed.letGo("found")
    this.#parts.lost(bound, lost)
  }

  #letGoFirst(line: TraceLine): number {
    const span = this.#takeFirst([line])
    if (span === undefined) return 0
    this.#bytes -= sdkSpanBytes(span)
    return 1
  }

  /** The first of these lines in which a span waits. */
  #takeFirst(lines: ReadonlyArray<TraceLine>): ReadableSpan | undefined {
    for (const line of lines) {
      const trace = line.first()
      if (trace === undefined) continue
      const span = trace.spans.take()
      if (trace.spans.size === 0) this.#traces.delete(trace.traceId)
      this.#spans--
      return span
    }
    return undefined
  }
}
