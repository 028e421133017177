import { deflateRawSync, inflateRawSync } from "node:zlib"
import type { ReadableSpan } from "@opentelemetry/sdk-trace-node"

/** Spans that are serialized and compressed: a tenth of what they took before. */
interface Pack {
  readonly compressed: Uint8Array
  readonly spans: number
  readonly bytes: number
  readonly traceIds: ReadonlySet<string>
}

/** The fastest is small enough. */
const level = 1

/** What an id takes in a set. */
const traceIdBytes = 100

/** Batches of spans that wait packed, for want of room. Those with a trace in which something was found leave first. */
export class PackedSpans {
  #found: Array<Pack> = []
  #others: Array<Pack> = []
  #spans = 0
  #bytes = 0

  get size(): number {
    return this.#spans
  }

  get bytes(): number {
    return this.#bytes
  }

  add(spans: ReadonlyArray<ReadableSpan>, body: Uint8Array, isFound: boolean): void {
    const compressed = deflateRawSync(body, { level })
    const traceIds = new Set(spans.map((span) => span.spanContext().traceId))
    const bytes = compressed.byteLength + traceIds.size * traceIdBytes
    const packs = isFound ? this.#found : this.#others
    packs.push({ compressed, spans: spans.length, bytes, traceIds })
    this.#spans += spans.length
    this.#bytes += bytes
  }

  found(traceId: string): void {
    const isMeant = ({ traceIds }: Pack) => traceIds.has(traceId)
    if (!this.#others.some(isMeant)) return
    this.#found.push(...this.#others.filter(isMeant))
    this.#others = this.#others.filter((pack) => !isMeant(pack))
  }

  /** The batch that has waited longest, as it was serialized. */
  take():
    | { readonly body: Uint8Array; readonly spans: number; readonly bytes: number }
    | undefined {
    const pack = this.#found.shift() ?? this.#others.shift()
    if (pack === undefined) return undefined
    const { compressed, spans, bytes } = pack
    this.#spans -= spans
    this.#bytes -= bytes
    return { body: inflateRawSync(compressed), spans, bytes }
  }
}
