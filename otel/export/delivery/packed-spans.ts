import { deflateRawSync, inflateRawSync } from "node:zlib"
import type { ReadableSpan } from "@opentelemetry/sdk-trace-node"

/** Spans that are serialized and compressed: a tenth of their size in memory. */
interface Pack {
  readonly compressed: Uint8Array
  readonly spans: number
  readonly bytes: number
  readonly traceIds: ReadonlySet<string>
}

/** Whether something was found in one of its traces. */
type Worth = "found" | "others"

/** The fastest is small enough. */
const level = 1

/** What an id takes in a set. */
const traceIdBytes = 100

/**
 * Batches of spans that wait packed, because there is no room. Batches with a trace that has a finding are sent
 * first.
 */
export class PackedSpans {
  readonly #packs: Record<Worth, Array<Pack>> = { found: [], others: [] }
  #spans = 0
  #bytes = 0

  get size(): number {
    return this.#spans
  }

  get bytes(): number {
    return this.#bytes
  }

  add(spans: ReadonlyArray<ReadableSpan>, body: Uint8Array, worth: Worth): void {
    const compressed = deflateRawSync(body, { level })
    const traceIds = new Set(spans.map((span) => span.spanContext().traceId))
    const bytes = compressed.byteLength + traceIds.size * traceIdBytes
    this.#packs[worth].push({ compressed, spans: spans.length, bytes, traceIds })
    this.#spans += spans.length
    this.#bytes += bytes
  }

  found(traceId: string): void {
    const isMeant = ({ traceIds }: Pack) => traceIds.has(traceId)
    const { found, others } = this.#packs
    if (!others.some(isMeant)) return
    found.push(...others.filter(isMeant))
    this.#packs.others = others.filter((pack) => !isMeant(pack))
  }

  /** The batch that has waited longest, as it was serialized. */
  take():
    | { readonly body: Uint8Array; readonly spans: number; readonly bytes: number }
    | undefined {
    const pack = this.#takeFirst("found") ?? this.#takeFirst("others")
    if (pack === undefined) return undefined
    const { compressed, spans, bytes } = pack
    return { body: inflateRawSync(compressed), spans, bytes }
  }

  /** Drops the batch of these that has waited longest; returns how many spans it has. */
  letGo(worth: Worth): number {
    return this.#takeFirst(worth)?.spans ?? 0
  }

  #takeFirst(worth: Worth): Pack | undefined {
    const pack = this.#packs[worth].shift()
    this.#spans -= pack?.spans ?? 0
    this.#bytes -= pack?.bytes ?? 0
    return pack
  }
}
